// Commands that were handed over in the answer to a poll, until their daemon has said what became of that answer. Bytes that
// we wrote may be cut or replaced on their way: the daemon numbers its polls and tells, with each, which of the others are
// still open and which were lost.

import {InFlight} from '../../../foundation/platform/index.ts'
import type {Command} from './command.ts'
import type {Poll} from './poll.ts'

/** What a daemon says of its polls, with one of them. All that are older and in neither list were read to their end. */
export interface PollReceipt {
  /** Of this poll; they grow. */
  readonly number: number
  /** Older polls that the daemon still waits for, or reads. */
  readonly open: readonly number[]
  /** Polls whose answers it has not got, or not completely. Repeated until a poll that said so was answered. */
  readonly lost: readonly number[]
}

/** Told of each command whose answer's fate is known. */
export interface HandoverSink {
  onRead(command: Command): void
  /** The daemon may have got it, or not. */
  onLost(command: Command): void
}

interface Handover {
  readonly poll: Poll
  readonly number: number
  readonly commands: readonly Command[]
  readonly bytes: number
  written: boolean
}

/** A command that never gets through is given up, lest nothing behind it does. */
export const MOST_LOSSES = 5

/** A daemon has ten polls open at most. */
const MOST = 32
/** Payloads that are kept for one daemon. */
const MOST_BYTES = 64 * 1024 * 1024

/** The latest answers to the polls of one daemon. */
export class Handovers {
  readonly #answers = new InFlight<number, Handover>()
  readonly #sink: HandoverSink
  #bytes = 0
  #latest: PollReceipt | null = null

  constructor(sink: HandoverSink) {
    this.#sink = sink
  }

  /** False for a poll that its daemon had given up before it came here: nobody reads an answer. */
  isAwaited(number: number): boolean {
    return this.#latest === null || number >= this.#latest.number || this.#latest.open.includes(number)
  }

  /** What the daemon says now. */
  heed(receipt: PollReceipt): void {
    if (this.#latest === null || receipt.number >= this.#latest.number) this.#latest = receipt
    for (const answer of this.#answers) {
      if (!isOver(answer.number, receipt)) continue
      this.#remove(answer)
      // A number that comes twice was asked again by something on the way, which has not got the first answer.
      const lost = answer.number === receipt.number || receipt.lost.includes(answer.number)
      // What is still being written comes back when its connection closes.
      if (lost && !answer.written) answer.poll.drop()
      else for (const command of answer.commands) this.#settle(command, lost)
    }
  }

  /** These are on their way now, as the answer to `poll`. */
  begin(poll: Poll, commands: readonly Command[]): void {
    if (poll.receipt === null) return
    let bytes = 0
    for (const command of commands) bytes += command.bytes
    this.#bytes += bytes
    const {number} = poll.receipt
    this.#answers.add(number, {poll, number, commands, bytes, written: false})
    if (this.#answers.size <= MOST && this.#bytes <= MOST_BYTES) return
    for (const oldest of this.#answers) {
      if (oldest.number === number) return
      this.#remove(oldest)
      if (oldest.written) for (const command of oldest.commands) this.#settle(command, false)
      if (this.#answers.size <= MOST && this.#bytes <= MOST_BYTES) return
    }
  }

  /** The answer is written. True: its commands are kept until their daemon tells. */
  written(poll: Poll): boolean {
    const answer = poll.receipt === null ? undefined : this.#answers.get(poll.receipt.number)
    if (answer?.poll !== poll) return false
    answer.written = true
    return true
  }

  /** The connection broke first. */
  broken(poll: Poll): void {
    const answer = poll.receipt === null ? undefined : this.#answers.get(poll.receipt.number)
    if (answer?.poll === poll) this.#remove(answer)
  }

  #remove(answer: Handover): void {
    this.#answers.delete(answer.number)
    this.#bytes -= answer.bytes
  }

  #settle(command: Command, lost: boolean): void {
    if (command.state !== 'delivered') return
    if (lost) this.#sink.onLost(command)
    else this.#sink.onRead(command)
  }
}

/** True when the daemon does not wait for the answer to poll `number` any more, as `receipt` has it. */
export function isOver(number: number, receipt: PollReceipt): boolean {
  return number <= receipt.number && !receipt.open.includes(number)
}
