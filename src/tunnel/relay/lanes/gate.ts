// Holds back what comes later in a session until a notification has started: over HTTP that is when it was acknowledged.

import type {Timer} from '../../../foundation/platform/index.ts'
import type {Core} from '../core.ts'

/** Nobody waits longer than this for an acknowledgement. */
const LONGEST_MS = 1_000

/** What it shuts and opens. */
interface Sessions {
  close(session: string): void
  open(session: string): void
}

/** The gate behind one notification. */
export class Gate {
  readonly #core: Core
  readonly #lane: Sessions
  readonly #session: string
  #timer: Timer | null = null
  #isShut = false

  constructor(options: {readonly core: Core; readonly lane: Sessions; readonly session: string}) {
    this.#core = options.core
    this.#lane = options.lane
    this.#session = options.session
  }

  shut(): void {
    this.#isShut = true
    this.#lane.close(this.#session)
  }

  /** The notification is on its way: from now on the time counts. */
  limit(): void {
    const {wheel, clock} = this.#core
    if (this.#isShut) this.#timer = wheel.at(clock.now() + LONGEST_MS, () => this.open())
  }

  open(): void {
    if (!this.#isShut) return
    this.#isShut = false
    if (this.#timer !== null) this.#core.wheel.clear(this.#timer)
    this.#timer = null
    this.#lane.open(this.#session)
  }
}
