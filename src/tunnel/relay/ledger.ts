// The account of what is under way: every command is opened once, gets one answer and is closed once, and a request id that
// comes again opens nothing. What is counted here says how much more may be asked for and when a drain is done.

import {type Answer, failureAnswer, type Recipient} from './answers/answer.ts'
import {deliver, redeliver} from './answers/deliver.ts'
import type {Core} from './core.ts'
import type {Fate} from './trace/call-record.ts'

/** Calls that may wait for their caller at the same time, open subscriptions included. */
const MOST_PARKED = 256

/** What a ledger needs. */
export interface LedgerOptions {
  readonly core: Core
  /** There may be room for more commands. */
  readonly onSpace: () => void
  /** A command is over. */
  readonly onOver: (fate: Fate) => void
  /** A call waits for its caller now: there may be no work left. */
  readonly onParked: () => void
}

/** The account of one relay. */
export class Ledger {
  readonly #core: Core
  readonly #onSpace: () => void
  readonly #onOver: (fate: Fate) => void
  readonly #onParked: () => void
  #work = 0
  #parked = 0

  constructor({core, onSpace, onOver, onParked}: LedgerOptions) {
    this.#core = core
    this.#onSpace = onSpace
    this.#onOver = onOver
    this.#onParked = onParked
  }

  /** Commands that are not over, those aside that wait for their callers. */
  get work(): number {
    return this.#work
  }

  /** Calls that wait for their callers: open subscriptions, and those whose server has asked something. */
  get parked(): number {
    return this.#parked
  }

  /** A command is taken. */
  open(to: Recipient): void {
    this.#work += 1
    this.#note(to)
  }

  /** A stream is taken: nothing waits for its end, so it is no work. */
  openStream(to: Recipient): void {
    this.#note(to)
    this.#onParked()
  }

  /** It is over, in whatever way. */
  close(to: Recipient, fate: Fate): void {
    this.#work -= 1
    this.#end(to, fate)
  }

  closeStream(to: Recipient, fate: Fate): void {
    this.#end(to, fate)
  }

  /** Answers an open command here, without any channel. `done` is called when it is over. */
  answer(to: Recipient, answer: Answer, done?: () => void): void {
    deliver(this.#core, to, answer, (fate) => {
      this.close(to, fate)
      done?.()
    })
  }

  /** Opens a command that cannot be run, only to answer it. */
  refuse(to: Recipient, answer: Answer, done?: () => void): void {
    this.open(to)
    this.answer(to, answer, done)
  }

  /** True when this request id was here before: its answer is posted again where that was lost, else nothing is done. */
  isRepeated(to: Recipient): boolean {
    const {seen, totals, emit, log} = this.#core
    const sighting = seen.look(to.requestId)
    if (sighting.state === 'new') return false
    if (sighting.state !== 'undelivered') {
      if (seen.isExpected(to.requestId)) {
        log.debug('command ignored: it came again as asked', {request_id: to.requestId, channel: to.channel})
        return true
      }
      totals.duplicates += 1
      emit({type: 'command_dropped', reason: 'duplicate'})
      log.warn('command ignored: its request id was taken before', {request_id: to.requestId, channel: to.channel})
      return true
    }
    this.open(to)
    const {kept} = sighting
    if (kept === null) this.answer(to, failureAnswer(to, 'closed'))
    else redeliver(this.#core, to, kept, (fate) => this.close(to, fate))
    return true
  }

  /** Moves a call between work (false) and waiting for its caller (true). Returns false when no more may wait. */
  park(parked: boolean): boolean {
    if (parked && this.#parked >= MOST_PARKED) return false
    this.#parked += parked ? 1 : -1
    this.#work += parked ? -1 : 1
    if (parked) this.#onParked()
    return true
  }

  #note({requestId, trace}: Recipient): void {
    this.#core.seen.begin(requestId)
    this.#core.emit({type: 'call_started', trace})
  }

  #end({trace}: Recipient, fate: Fate): void {
    const {clock, emit} = this.#core
    trace.end(fate, trace.acknowledged ?? clock.now())
    emit({type: 'call_finished', trace})
    this.#onSpace()
    this.#onOver(fate)
  }
}
