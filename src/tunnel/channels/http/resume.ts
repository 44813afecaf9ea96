// When and how often a broken event stream is asked for again. Only with an event id: without one nothing says what was
// missed, and asking again could run a tool twice.

import type {SseReader} from './sse.ts'

const FIRST_MS = 1000
const GROWTH = 1.5
const CAP_MS = 30_000
const ATTEMPTS = 5

/** The resuming of one exchange. */
export class Resume {
  #attempts = 0
  #active = false
  #timer: NodeJS.Timeout | null = null

  /** True from the first attempt on: what comes now is an answer to a GET. */
  get active(): boolean {
    return this.#active
  }

  /** Milliseconds to wait before asking again, or null when that must not be done. */
  next(seen: Pick<SseReader, 'lastEventId' | 'retry'>): number | null {
    if (seen.lastEventId === null || this.#attempts >= ATTEMPTS) return null
    return Math.min(CAP_MS, (seen.retry ?? FIRST_MS) * GROWTH ** this.#attempts++)
  }

  after(ms: number, ask: () => void): void {
    this.#active = true
    this.#timer = setTimeout(ask, ms)
  }

  /** An event came: the server is at work, count from the beginning. */
  progressed(): void {
    this.#attempts = 0
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}
