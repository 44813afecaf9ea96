// Whether a child that runs would serve a call. Anything it says proves that; when it is silent it is asked, and when it leaves
// every question unanswered for long enough it hangs and is ended.

import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import type {EvidenceBoard} from '../evidence.ts'
import type {Multiplexer} from '../multiplex/multiplexer.ts'
import type {ChildEnd, StdioChild} from './child.ts'
import {LIFE_PING} from './life-ping.ts'
import type {StdioTiming} from './timing.ts'

/** Unanswered pings after which a child may hang, and looks at it after these. */
export const HANG_PINGS = 3
const HANG_LOOKS = 3

/** What {@link Liveness} works with. */
export interface LivenessOptions {
  readonly board: EvidenceBoard
  readonly multiplexer: Multiplexer
  readonly clock: Clock
  readonly timing: StdioTiming
}

/** What is known of one child: what an earlier one said proves nothing of this one. */
interface Life {
  readonly child: StdioChild
  readonly startedAt: Instant
  /** `leaving`: it has ended or closed a pipe, and its last words are no life. */
  state: 'running' | 'leaving' | 'over'
  /** It has said anything at all. */
  heard: boolean
  /** It has answered a call of a caller. */
  proven: boolean
  /** A ping has been written and nothing has come back. */
  asked: boolean
  /** A call has gone unanswered since the last sign of life. */
  suspected: boolean
  /** Looks, one after the other, at which {@link HANG_PINGS} pings stood unanswered. */
  hangs: number
}

/** The life of one channel's children, one after the other. */
export class Liveness {
  readonly #options: LivenessOptions
  #life: Life | null = null
  #timer: NodeJS.Timeout | null = null
  /** This program answers pings: silence says something. */
  #answersPings = false
  /** What this program does when it is asked before its handshake: some servers allow nothing before `initialize`, and end. */
  #askedEarly: 'unknown' | 'answers' | 'ends' = 'unknown'

  constructor(options: LivenessOptions) {
    this.#options = options
  }

  /** A child runs. */
  began(child: StdioChild): void {
    this.#life = {
      child,
      startedAt: this.#options.clock.now(),
      state: 'running',
      heard: false,
      proven: false,
      asked: false,
      suspected: false,
      hangs: 0,
    }
  }

  /** It has ended or closed a pipe. */
  left(): void {
    if (this.#life !== null) this.#life.state = 'leaving'
  }

  /** It is gone, or nobody wants to know any more. */
  over(): void {
    if (this.#life !== null) this.#life.state = 'over'
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Nothing came after it: what it had proved is proved no more. */
  forget(): void {
    this.over()
    this.#life = null
  }

  get isRunning(): boolean {
    return this.#life?.state === 'running'
  }

  /** The latest child has said anything at all. */
  get heard(): boolean {
    return this.#life?.heard === true
  }

  /** The latest child works: it has answered a call, or lived for long. */
  get proven(): boolean {
    const {clock, timing} = this.#options
    const life = this.#life
    return life !== null && (life.proven || clock.now() - life.startedAt >= timing.provenAfter)
  }

  /** Milliseconds since the latest child said something, or since it was started. */
  get silentFor(): number {
    const {board, clock} = this.#options
    return clock.now() - Math.max(board.lastLife, this.#life?.startedAt ?? 0)
  }

  /** The program must not be asked before its handshake. */
  get isShy(): boolean {
    return this.#askedEarly === 'ends'
  }

  /** See {@link isShy}. */
  becomeShy(): void {
    this.#askedEarly = 'ends'
  }

  /** The latest child ended right after our ping, and no caller had sent anything. */
  endedByAsking(because: ChildEnd['because']): boolean {
    if (because === 'hangs' || this.#askedEarly !== 'unknown') return false
    return this.#life?.asked === true && this.#isUntouched()
  }

  /** The child said something; `answer`: it answered a caller. */
  alive(answer: boolean): void {
    const life = this.#life
    if (life === null) return
    if (life.asked && this.#askedEarly === 'unknown' && this.#isUntouched()) this.#askedEarly = 'answers'
    life.asked = false
    life.suspected = false
    life.hangs = 0
    life.heard = true
    if (answer) life.proven = true
    if (life.state === 'running') this.#options.board.ok()
  }

  /** The time of a call was over without an answer: slow work, or a child that hangs. */
  silent(): void {
    const {board, timing, clock} = this.#options
    const life = this.#life
    if (life === null || life.suspected || clock.now() - board.lastLife < timing.silentLook) return
    life.suspected = true
    if (board.state === 'ok') void this.prove()
  }

  /** Asks the child for a sign of life and settles when it came or was waited for long enough. */
  async prove(): Promise<void> {
    const {board, multiplexer, timing, clock} = this.#options
    const life = this.#life
    if (life === null || isOver(life)) return
    if (this.isShy && !multiplexer.handshaken) {
      await sleep(timing.runsUnasked)
      if (isRunning(life)) board.ok()
    } else {
      const since = clock.now()
      const answered = multiplexer.pings.open < HANG_PINGS ? multiplexer.ask(LIFE_PING) : new Promise<never>(() => {})
      life.asked = true
      void answered.then((answers) => {
        this.#answersPings ||= answers
      })
      await Promise.race([answered, sleep(timing.pingTimeout)])
      const silent = isRunning(life) && life.asked && board.lastLife < since
      // A server at work on a call may be too busy to answer; then only the call tells.
      if (silent && (life.suspected || multiplexer.working === 0)) this.#silence(life)
      life.hangs = silent && multiplexer.pings.ahead >= HANG_PINGS ? life.hangs + 1 : 0
      if (silent && this.#isHopeless(life)) {
        life.child.abandon()
        return
      }
    }
    if (!isOver(life)) this.#plan()
  }

  /** Neither a caller nor a handshake has reached the present child. */
  #isUntouched(): boolean {
    const {multiplexer} = this.#options
    return !multiplexer.touched && !multiplexer.handshaken
  }

  /** One that has answered before is slow until it has been asked more often; one that never has is not ready. */
  #silence({heard}: Life): void {
    const {board, timing} = this.#options
    const message = `no answer to a ping within ${timing.pingTimeout / 1000}s`
    if (heard) board.timeout(message)
    else board.failed(message, 'child_silent')
  }

  /**
   * True when nothing is to be expected of a child that is alive. Never of one that may be at work for somebody who waits,
   * nor of one that may not know what a ping is.
   */
  #isHopeless({heard, hangs, suspected}: Life): boolean {
    const {timing} = this.#options
    if (hangs < HANG_LOOKS) return false
    if (!heard) return this.silentFor >= timing.neverStarts
    return (this.#answersPings || suspected) && this.silentFor >= timing.hangs
  }

  /** Looks at the child again: soon when it is silent, after a while of silence when it is well. */
  #plan(): void {
    const {board, timing, clock} = this.#options
    const wait =
      board.state === 'ok'
        ? Math.max(timing.silentLook, timing.idle - (clock.now() - board.lastLife))
        : timing.silentLook
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const {multiplexer} = this.#options
      const quiet = clock.now() - board.lastLife >= timing.idle && multiplexer.working === 0
      if (board.state === 'ok' && !quiet) this.#plan()
      else void this.prove()
    }, wait).unref()
  }
}

const isRunning = ({state}: Life): boolean => state === 'running'
const isOver = ({state}: Life): boolean => state === 'over'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
