// When and how often a broken event stream is asked for again. Only with an event id: without one nothing says what was
// missed, and asking again could run a tool twice.

import type {Instant} from '../../../foundation/platform/index.ts'
import type {SseReader} from './sse.ts'

const FIRST_MS = 1000
const GROWTH = 1.5
const CAP_MS = 30_000
/** However little a server asks for: it is asked until the time of the call is over when it names a new event id each time. */
const LEAST_MS = 20
/** In a row without any sign that the server is at work on the call. */
const ATTEMPTS = 5
/** A server that held a resumed stream open so long before it closed it is at work: that is how it may make its clients poll. */
const HELD_MS = 1000

/** The resuming of one exchange. */
export class Resume {
  #attempts = 0
  #from: string | null = null
  #opened: Instant | null = null
  #active = false
  #timer: NodeJS.Timeout | null = null

  /** True from the first attempt on: what comes now is an answer to a GET. */
  get active(): boolean {
    return this.#active
  }

  /** Milliseconds to wait before asking again, or null when that must not be done. */
  next({lastEventId, retry}: Pick<SseReader, 'lastEventId' | 'retry'>, now: Instant): number | null {
    if (lastEventId === null) return null
    const wasHeld = this.#opened !== null && now - this.#opened >= HELD_MS
    if (wasHeld || lastEventId !== this.#from) this.#attempts = 0
    this.#from = lastEventId
    this.#opened = null
    if (this.#attempts >= ATTEMPTS) return null
    return Math.min(CAP_MS, Math.max(LEAST_MS, retry ?? FIRST_MS) * GROWTH ** this.#attempts++)
  }

  /** The server has opened the stream again. */
  opened(now: Instant): void {
    this.#opened = now
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
