// How a relay stops (design law 8): in order, within a time, and with an answer for everything that was taken.

import type {Core} from './core.ts'
import type {Dispatcher} from './dispatcher.ts'
import type {Poller} from './polling/poller.ts'
import type {Fate} from './trace/call-record.ts'
import type {DrainReport} from './types.ts'

/** How long answers that are on their way may take after the time of a drain is over. */
const LAST_ANSWERS_MS = 2_000

/** The report of a relay that was not running. */
export const NOTHING_TO_DRAIN: DrainReport = {finished: 0, refused: 0, undelivered: 0, timedOut: false, ms: 0}

/** A drain under way. */
export interface Drain {
  readonly report: Promise<DrainReport>
  onOver(fate: Fate): void
  onPollEnded(): void
  /** A call waits for its caller. */
  onParked(): void
}

/**
 * Stop is a procedure: no new polls; what was taken is finished; the idle poll is hung up last, when no work is left, and
 * what comes with an answer that is being read, or was on its way, is still run. When the time is over the rest gets a
 * typed 503. A call whose caller is asked something is waited for as long as his answer can come: on a poll that is open,
 * or on an urgent one.
 */
export function createDrain(options: {
  readonly core: Core
  readonly dispatcher: Dispatcher
  readonly poller: Poller
  readonly ms: number
  readonly halt: () => void
}): Drain {
  const {core, dispatcher, poller, ms, halt} = options
  const {clock, wheel} = core
  const startedAt = clock.now()
  let finished = 0
  let undelivered = 0
  let refused = 0
  let timedOut = false
  let settled = false
  let resolve: (report: DrainReport) => void = () => {}
  const report = new Promise<DrainReport>((ready) => {
    resolve = ready
  })
  const settle = (): void => {
    if (settled) return
    settled = true
    wheel.clear(timer)
    halt()
    resolve({finished, refused, undelivered, timedOut, ms: clock.now() - startedAt})
  }
  let leaving = false
  /** Ends when nothing is left: work first, then what waits for callers, then the idle poll. */
  const check = (): void => {
    if (settled || leaving) return
    const hears = dispatcher.isAsking && !timedOut && poller.hearAnswers()
    if (dispatcher.work > 0 || hears) return
    if (dispatcher.parked > 0) {
      dispatcher.refuseParked()
      return
    }
    leaving = true
    const left = poller.leaveIdle()
    leaving = false
    if (left === 0 && dispatcher.work === 0) settle()
  }
  let timer = wheel.at(startedAt + ms, () => {
    timedOut = true
    poller.leaveIdle()
    refused += dispatcher.refuseAll()
    timer = wheel.at(clock.now() + LAST_ANSWERS_MS, settle)
    check()
  })
  poller.stopPolling('context canceled')
  // In its own turn: whoever called has the promise then.
  setImmediate(check)
  return {
    report,
    onOver(fate) {
      if (settled) return
      if (fate === 'undelivered' || fate === 'aborted') undelivered += 1
      else if (!timedOut) finished += 1
      check()
    },
    onPollEnded() {
      // What an answer brought after the time was over is not lost either.
      if (timedOut && !settled) refused += dispatcher.refuseAll()
      check()
    },
    onParked() {
      // In its own turn: the call is in the middle of something.
      setImmediate(check)
    },
  }
}
