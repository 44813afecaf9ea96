// After its answer a call still owns a reply. Most end at once and give their connection back; the others are cut by one
// sweep instead of a timer per call.

import type {ReplyHandle} from '../../../../foundation/platform/index.ts'

const SWEEP_MS = 2000

/** Replies that nobody waits for any more. */
export class Lingering {
  #young = new Set<ReplyHandle>()
  #old = new Set<ReplyHandle>()
  #timer: NodeJS.Timeout | null = null

  /** Lets a reply run out, for two to four seconds at most. */
  add(handle: ReplyHandle): void {
    this.#young.add(handle)
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  /** It has ended by itself. */
  delete(handle: ReplyHandle): void {
    if (!this.#young.delete(handle)) this.#old.delete(handle)
  }

  /** Cuts all of them. */
  stop(): void {
    this.#sweep()
    this.#sweep()
  }

  #sweep(): void {
    const expired = this.#old
    this.#old = this.#young
    this.#young = new Set()
    for (const handle of expired) handle.abort()
    if (this.#old.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
  }
}
