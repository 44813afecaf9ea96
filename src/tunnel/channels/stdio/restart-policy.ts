// When a server process that has ended is started again, and when no more: a crash loop must be seen, a host that has no room
// for a process must be waited out, and neither may keep the next call waiting for long.

import type {StdioTiming} from './timing.ts'

/** What the system says when this host has no descriptor, process or memory left: no word about the program. */
const STARVED = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']

/** True when a process could not be started because of this host, whatever its program. */
export const isStarved = (thrown: NodeJS.ErrnoException): boolean => STARVED.includes(thrown.code ?? '')

/** The policy of one channel. */
export class RestartPolicy {
  readonly #timing: StdioTiming
  #crashes = 0
  #starved = 0

  constructor(timing: StdioTiming) {
    this.#timing = timing
  }

  /** Ends in a row without proof that the program works. */
  get crashes(): number {
    return this.#crashes
  }

  /**
   * Milliseconds until the next start; undefined: no other one. `proven`: the child had worked; `heard`: it had written a
   * message or received a request, so it may be the calls that end it.
   */
  afterEnd({proven, heard}: {readonly proven: boolean; readonly heard: boolean}): number | undefined {
    const {restartAfter, restartHeardAfter, mostHeard} = this.#timing
    if (proven) this.#crashes = 0
    const wait = restartAfter[this.#crashes++]
    if (!heard) return wait
    return this.#crashes > mostHeard ? undefined : Math.min(wait ?? restartHeardAfter, restartHeardAfter)
  }

  /** The same when this host had no room; never the last time. */
  afterStarving(): number {
    const {starvedAfter} = this.#timing
    return starvedAfter[Math.min(this.#starved++, starvedAfter.length - 1)]!
  }

  /** There was room. */
  started(): void {
    this.#starved = 0
  }
}
