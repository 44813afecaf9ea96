// Whether a running child would serve a call. Any message of it proves that. Before a caller's handshake nothing is written to
// it: its first request would fix its protocol era, and some servers end or stay silent. Until then a child counts as ready
// when it runs, has its stdin open and has written nothing but JSON-RPC. After a handshake it is pinged when it is silent, and
// ended when it leaves every ping unanswered for long enough.

import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import type {EvidenceBoard} from '../evidence.ts'
import type {Multiplexer} from '../multiplex/multiplexer.ts'
import type {StdioChild} from './child.ts'
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
  /** It has written a JSON-RPC message. */
  heard: boolean
  /** It has written lines that are no JSON-RPC messages. */
  garbage: boolean
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
      garbage: false,
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

  /** The child said something; `answer`: it answered a caller. */
  alive(answer: boolean): void {
    const life = this.#life
    if (life === null) return
    life.asked = false
    life.suspected = false
    life.hangs = 0
    life.heard = true
    if (answer) life.proven = true
    if (life.state === 'running') this.#options.board.ok()
  }

  /** The child wrote something that is no JSON-RPC message. Before its first message that says that it is no MCP server. */
  garbage(): void {
    const life = this.#life
    if (life === null || life.garbage) return
    life.garbage = true
    if (isRunning(life) && !life.heard) this.#notAServer()
  }

  /** A call of this method reached its deadline without an answer: slow work, or a child that hangs. */
  silent(method: string): void {
    const {board, multiplexer, timing, clock} = this.#options
    const life = this.#life
    if (life === null || !isRunning(life)) return
    if (!life.heard) {
      // A caller has opened it as the protocol says, and it has never written a message.
      if (method === 'initialize') board.timeout('no answer to the initialize request of a caller')
      return
    }
    if (life.suspected || !multiplexer.canPing || clock.now() - board.lastLife < timing.silentLook) return
    life.suspected = true
    if (board.state === 'ok') void this.prove()
  }

  /** Pings the child, or before its handshake waits until it has run long enough. Settles when the evidence is set. */
  async prove(): Promise<void> {
    const life = this.#life
    if (life === null || isOver(life)) return
    if (!this.#options.multiplexer.canPing) await this.#proveStart(life)
    else if (await this.#ping(life)) {
      life.child.abandon()
      return
    }
    if (!isOver(life)) this.#plan()
  }

  async #proveStart(life: Life): Promise<void> {
    const {board, clock, multiplexer, timing} = this.#options
    const repeats = multiplexer.repeatsHandshake
    const within = repeats ? timing.pingTimeout : timing.startsWithin
    await sleep(Math.max(0, life.startedAt + within - clock.now()))
    if (!isRunning(life) || life.heard) return
    if (life.garbage) this.#notAServer()
    else if (repeats) board.failed(`no answer to the repeated initialize within ${within / 1000}s`, 'child_silent')
    else if (board.state !== 'timeout') board.ok()
  }

  /** True when the child hangs. */
  async #ping(life: Life): Promise<boolean> {
    const {board, multiplexer, timing, clock} = this.#options
    const since = clock.now()
    const answered = multiplexer.pings.open < HANG_PINGS ? multiplexer.ping() : new Promise<never>(() => {})
    life.asked = true
    void answered.then((answers) => {
      this.#answersPings ||= answers
    })
    await Promise.race([answered, sleep(timing.pingTimeout)])
    const silent = isRunning(life) && life.asked && board.lastLife < since
    // A server at work on a call may be too busy to answer; then only the call tells.
    if (silent && (life.suspected || multiplexer.working === 0)) {
      board.timeout(`no answer to a ping within ${timing.pingTimeout / 1000}s`)
    }
    life.hangs = silent && multiplexer.pings.ahead >= HANG_PINGS ? life.hangs + 1 : 0
    return silent && this.#isHopeless(life)
  }

  #notAServer(): void {
    const message = 'stdio MCP command prints lines that are no JSON-RPC messages, and no message before them'
    this.#options.board.failed(message, 'mcp_not_json')
  }

  /**
   * True when nothing is to be expected of a child that is alive. Never of one that may be at work for a caller, nor of one
   * that may not know what a ping is.
   */
  #isHopeless({hangs, suspected}: Life): boolean {
    const {timing} = this.#options
    return hangs >= HANG_LOOKS && (this.#answersPings || suspected) && this.silentFor >= timing.hangs
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
      if (!multiplexer.canPing || (board.state === 'ok' && !quiet)) this.#plan()
      else void this.prove()
    }, wait).unref()
  }
}

const isRunning = ({state}: Life): boolean => state === 'running'
const isOver = ({state}: Life): boolean => state === 'over'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
