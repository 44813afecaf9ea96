// The calls of this daemon: those that are open, and the last ones that are over. Failures have a ring of their own, so that
// a thousand good calls do not push out the one that somebody asks about.

import {InFlight} from '../../../foundation/platform/index.ts'
import {CALL_OUTCOMES, type CallOutcomeName} from '../api/calls.ts'
import {CallRing, type KeptCall} from './call-ring.ts'
import type {TracedCall} from './traced-call.ts'

/** What is kept. */
export interface CallBookLimits {
  readonly good: {readonly count: number; readonly bytes: number}
  readonly failed: {readonly count: number; readonly bytes: number}
}

/** About two and a half megabytes when full. */
const LIMITS: CallBookLimits = {
  good: {count: 2000, bytes: 1_500_000},
  failed: {count: 1000, bytes: 1_000_000},
}

/** Which calls, and how many. */
export interface CallQuery {
  /** Only what happened after this `seq`; null: the newest. */
  readonly after: number | null
  readonly limit: number
  readonly channel: string | null
  readonly outcomes: ReadonlySet<CallOutcomeName> | null
  readonly failure: string | null
}

/** A page of calls, oldest first. */
export interface CallPage {
  readonly calls: readonly KeptCall[]
  readonly nextAfter: number
  readonly more: boolean
  readonly gap: boolean
}

/** What an id means. */
export type CallFound =
  | {readonly kind: 'one'; readonly call: TracedCall}
  | {readonly kind: 'none'}
  /** Newest first. */
  | {readonly kind: 'several'; readonly ids: readonly string[]}

/** Shorter parts of a request id mean nothing. */
export const LEAST_PART = 4
const MOST_CANDIDATES = 10

/** Remembers calls. {@link started} and {@link finished} run for every call and cost a map entry and a ring slot. */
export class CallBook {
  /** With the `seq` of their start. */
  readonly #open = new InFlight<string, KeptCall>()
  readonly #good: CallRing
  readonly #failed: CallRing
  #seq = 0

  constructor(limits: CallBookLimits = LIMITS) {
    this.#good = new CallRing(limits.good)
    this.#failed = new CallRing(limits.failed)
  }

  started(call: TracedCall): void {
    this.#open.add(call.requestId, {seq: ++this.#seq, call})
  }

  finished(call: TracedCall): void {
    this.#open.delete(call.requestId)
    const ring = isGood(call.outcome) ? this.#good : this.#failed
    ring.push(++this.#seq, call)
  }

  /**
   * A call stands at its start while it is open, and at its end afterwards, so whoever goes on from `nextAfter` sees each
   * end once and loses none that is still kept.
   */
  page({after, limit, channel, outcomes, failure}: CallQuery): CallPage {
    const foreign = after !== null && after > this.#seq
    const from = after === null || foreign ? 0 : after
    const fits = ({seq, call}: KeptCall): boolean =>
      seq > from &&
      (channel === null || call.channel === channel) &&
      (outcomes === null || outcomes.has(call.outcome)) &&
      (failure === null || call.failure === failure)
    const all = this.#all().filter(fits)
    const calls = after === null ? all.slice(-limit) : all.slice(0, limit)
    const more = after !== null && all.length > limit
    return {
      calls,
      nextAfter: more ? calls.at(-1)!.seq : this.#seq,
      more,
      gap: foreign || (after !== null && this.#forgotten(outcomes) > after),
    }
  }

  /** By request id, by JSON-RPC id (with or without its quotes), or by the beginning or the end of a request id. */
  find(id: string): CallFound {
    const newest = this.#all()
      .reverse()
      .map(({call}) => call)
    const exact = newest.find((call) => call.requestId === id)
    if (exact !== undefined) return {kind: 'one', call: exact}
    const meant = newest.filter(({rpcId}) => rpcId === id || rpcId === JSON.stringify(id))
    if (meant.length === 0 && id.length >= LEAST_PART) {
      const byId = new Map<string, TracedCall>()
      for (const call of newest) {
        const isPart = call.requestId.startsWith(id) || call.requestId.endsWith(id)
        if (isPart && !byId.has(call.requestId)) byId.set(call.requestId, call)
      }
      meant.push(...byId.values())
    }
    const [only] = meant
    if (only === undefined) return {kind: 'none'}
    if (meant.length === 1) return {kind: 'one', call: only}
    return {kind: 'several', ids: meant.slice(0, MOST_CANDIDATES).map(({requestId}) => requestId)}
  }

  /** Newest `seq` that is no longer here, of those with these outcomes. */
  #forgotten(outcomes: CallQuery['outcomes']): number {
    const wanted = [...(outcomes ?? CALL_OUTCOMES)]
    return Math.max(
      wanted.some(isGood) ? this.#good.forgotten : 0,
      wanted.some((outcome) => outcome !== 'open' && !isGood(outcome)) ? this.#failed.forgotten : 0,
    )
  }

  /** Everything, oldest first. */
  #all(): KeptCall[] {
    return [...this.#good, ...this.#failed, ...this.#open].sort((a, b) => a.seq - b.seq)
  }
}

/** Ends that nobody has to be told of. */
const isGood = (outcome: CallOutcomeName): boolean => outcome === 'answered' || outcome === 'cancelled'
