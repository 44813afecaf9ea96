// When to stop reading a server that many callers share. The control plane takes a call's notifications one after the other; a
// server that sends them faster is slowed down by not reading its stdout, so that none is lost. On a shared pipe that holds up
// every caller: while others wait for the server, they lose a second at once and a tenth of the time at most. After that the
// call's own queue takes what comes, up to its bound, and beyond it drops what newer progress has superseded.

import type {Clock} from '../../../foundation/platform/index.ts'
import type {OpenCall} from './call-table.ts'

/** What {@link Pressure} needs. */
export interface PressureOptions {
  readonly clock: Clock
  /** Calls of callers that the server owes an answer. */
  working(): readonly OpenCall[]
  /** Stop reading (true), or read on. */
  hold(on: boolean): void
}

/** What may be taken from others at once, in milliseconds. */
const MOST_MS = 1000
/** How much of it comes back per millisecond. */
const RETURN = 0.1
/** Reading starts again only for a while worth it. */
const LEAST_MS = 100

/** The calls of one server whose way up is full. */
export class Pressure {
  readonly #options: PressureOptions
  readonly #pressed = new Set<OpenCall>()
  #left = MOST_MS
  #since = 0
  #held: 'no' | 'for nobody' | 'from others' = 'no'
  #timer: NodeJS.Timeout | null = null

  constructor(options: PressureOptions) {
    this.#options = options
  }

  /** The queue of this call is filling up. */
  press(call: OpenCall): void {
    this.#pressed.add(call)
    this.look()
  }

  /** It is nearly empty again, or the call is over. */
  relax(call: OpenCall): void {
    if (this.#pressed.delete(call)) this.#decide()
  }

  /** Who waits for the server may have changed. */
  look(): void {
    if (this.#pressed.size > 0) this.#decide()
  }

  #decide(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#account()
    if (this.#pressed.size === 0) {
      this.#turn('no')
      return
    }
    if (this.#options.working().every((call) => this.#pressed.has(call))) {
      this.#turn('for nobody')
      return
    }
    const enough = this.#held === 'from others' ? this.#left > 0 : this.#left >= LEAST_MS
    this.#turn(enough ? 'from others' : 'no')
    const wait = enough ? this.#left : (LEAST_MS - this.#left) / RETURN
    this.#timer = setTimeout(() => this.#decide(), Math.max(1, wait)).unref()
  }

  #account(): void {
    const now = this.#options.clock.now()
    const passed = now - this.#since
    this.#since = now
    const change = this.#held === 'from others' ? -passed : passed * RETURN
    this.#left = Math.max(0, Math.min(MOST_MS, this.#left + change))
  }

  #turn(to: 'no' | 'for nobody' | 'from others'): void {
    const before = this.#held
    this.#held = to
    if ((before === 'no') !== (to === 'no')) this.#options.hold(to !== 'no')
  }
}
