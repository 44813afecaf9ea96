// How long a caller still waits. The clock stands still while the caller is asked something: it is not the server's turn.

import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import type {CallClock} from '../hub/command.ts'

/** What {@link ResponseClock} needs. */
export interface ResponseClockOptions {
  /** Milliseconds; 0: for ever. */
  readonly ms: number
  readonly clock: Clock
  readonly onOver: () => void
}

/** A timer that can be halted. */
export class ResponseClock implements CallClock {
  readonly #options: ResponseClockOptions
  #timer: NodeJS.Timeout | undefined
  #until: Instant = 0
  /** Milliseconds that were left when it was halted. */
  #left: number | null = null

  constructor(options: ResponseClockOptions) {
    this.#options = options
  }

  /** Milliseconds until it is over; null: never. */
  get left(): number | null {
    if (this.#timer === undefined) return this.#left
    return Math.max(1, this.#until - this.#options.clock.now())
  }

  start(): void {
    if (this.#options.ms > 0) this.#run(this.#options.ms)
  }

  pause(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#left = Math.max(1, this.#until - this.#options.clock.now())
  }

  resume(): void {
    if (this.#left !== null) this.#run(this.#left)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#left = null
  }

  #run(ms: number): void {
    this.#left = null
    this.#until = this.#options.clock.now() + ms
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#options.onOver()
    }, ms)
  }
}
