// Since when the verdict holds, and what it was before. Time does not stand in the findings: it is noted here when they
// change.

import type {ChangeDocument, VerdictDocument} from '../api/index.ts'
import type {Judgement} from './verdict.ts'

const KEPT = 50

/** The memory of verdicts. */
export class VerdictHistory {
  readonly #changes: ChangeDocument[] = []
  #current: VerdictDocument | null = null
  #wasReady = false

  /** It has been ready before. */
  get wasReady(): boolean {
    return this.#wasReady
  }

  /** Newest last. */
  get changes(): readonly ChangeDocument[] {
    return this.#changes
  }

  /**
   * Notes what holds at `wall` (milliseconds since the epoch). `change`: null when the verdict is still about the same.
   */
  note(
    judgement: Judgement,
    wall: number,
  ): {readonly verdict: VerdictDocument; readonly change: ChangeDocument | null} {
    const before = this.#current
    const same =
      before !== null &&
      before.status === judgement.status &&
      before.subject === judgement.subject &&
      before.failure_class === judgement.failure_class
    const since = same ? before.since : new Date(wall).toISOString()
    const verdict = {...judgement, since}
    this.#current = verdict
    if (judgement.ok) this.#wasReady = true
    if (same) return {verdict, change: null}
    const change: ChangeDocument = {
      at: since,
      from: before?.status ?? null,
      to: verdict.status,
      subject: verdict.subject,
      failure_class: verdict.failure_class,
      sentence: verdict.sentence,
    }
    if (this.#changes.length === KEPT) this.#changes.shift()
    this.#changes.push(change)
    return {verdict, change}
  }
}
