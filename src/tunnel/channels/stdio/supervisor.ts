// Keeps one server process alive: starts it, restarts it after a crash, gives up on a crash loop, and says what is known
// of its life. The calls are the multiplexer's business.

import {randomBytes} from 'node:crypto'
import {messageOf, type OriginText, TunnelError} from '../../../foundation/errors/index.ts'
import {type ChildExit, type Clock, type Logger, resolveExecutable} from '../../../foundation/platform/index.ts'
import type {ChildStatus} from '../channel.ts'
import type {EvidenceBoard} from '../evidence.ts'
import {channelFailure} from '../failures.ts'
import type {Multiplexer} from '../multiplex/multiplexer.ts'
import {type ChildEnd, StdioChild} from './child.ts'
import {howItEnded} from './end-words.ts'
import type {ChildEnvironment} from './environment.ts'
import {LIFE_PING} from './life-ping.ts'
import type {StderrSink} from './stderr-tail.ts'
import type {StdioTiming} from './timing.ts'

/** Unanswered pings after which a child may hang, and looks at it after these. */
const HANG_PINGS = 3
const HANG_LOOKS = 3
/** What the system says when this host has no descriptor, process or memory left: no word about the program. */
const STARVED = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']

/** What a supervisor works with. */
export interface SupervisorOptions {
  readonly channel: string
  /** Where the command was configured. */
  readonly origin: OriginText | undefined
  /** As configured, for logs. */
  readonly command: string
  readonly argv: readonly [string, ...string[]]
  readonly environment: ChildEnvironment
  readonly stderr: StderrSink
  readonly board: EvidenceBoard
  readonly multiplexer: Multiplexer
  readonly log: Logger
  readonly clock: Clock
  readonly timing: StdioTiming
}

/** The supervisor of one channel's child. */
export class Supervisor {
  readonly #options: SupervisorOptions
  #child: StdioChild | null = null
  #startedAt = 0
  #proven = false
  #crashes = 0
  #restarts = 0
  /** Starts in a row that this host had no room for. */
  #starved = 0
  #generation: string | null = null
  #gaveUp = false
  #stopped = false
  #timer: NodeJS.Timeout | null = null
  #lastStderr: readonly string[] = []
  /** The present child has said anything at all: what an earlier one said proves nothing of this one. */
  #heard = false
  /** The present child has ended or closed a pipe; its last words are no life. */
  #leaving = false
  /** A ping has been written to the present child and nothing has come back. */
  #asked = false
  /** Looks at the present child, one after the other, at which it had left {@link HANG_PINGS} pings unanswered. */
  #hangs = 0
  /** This program answers pings: silence says something. */
  #answersPings = false
  /** A call has gone unanswered since the last sign of life. */
  #suspected = false
  /** The program ended when it was asked before its handshake; it is not asked early any more. */
  #shy = false
  /** The program has answered before its handshake; when it ends then, it is not because it was asked. */
  #bold = false

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  /** The process as operators see it. One that has ended is not running, though its pipes may still be open. */
  status(): ChildStatus {
    const lines = this.#child?.stderr ?? []
    const runs = this.#child !== null && !this.#leaving
    return {
      state: runs ? 'running' : this.#stopped || this.#gaveUp ? 'gone' : 'restarting',
      pid: runs ? (this.#child?.pid ?? null) : null,
      generation: this.#generation,
      restarts: this.#restarts,
      stderr: lines.length > 0 ? lines : this.#lastStderr,
    }
  }

  /** Starts the first child. Rejects with a TunnelError when the program cannot be started. */
  async start(): Promise<void> {
    const {argv, environment, log} = this.#options
    const looked = await resolveExecutable({name: argv[0], env: environment.env})
    if (!looked.found) {
      throw this.#notStarted(looked.message)
    }
    if (environment.removed.length > 0) {
      log.info('stdio MCP command does not see these variables', {variables: environment.removed})
    }
    try {
      await this.#spawn()
    } catch (cause) {
      throw this.#notStarted(messageOf(cause), cause)
    }
  }

  #notStarted(reason: string, cause?: unknown): TunnelError {
    const {channel, origin} = this.#options
    const more = {...(origin === undefined ? {} : {origin}), ...(cause === undefined ? {} : {cause})}
    return new TunnelError('TC-CHANNEL-PROGRAM', `mcpclient: start stdio command: ${reason} (channel ${channel})`, more)
  }

  /** The server said something; `answer`: it answered a caller. */
  alive(answer: boolean): void {
    const {multiplexer} = this.#options
    if (this.#asked && !multiplexer.touched && !multiplexer.handshaken) this.#bold = true
    this.#asked = false
    this.#suspected = false
    this.#hangs = 0
    this.#heard = true
    if (answer) this.#proven = true
    if (!this.#leaving) this.#options.board.ok()
  }

  /** The time of a call was over without an answer: slow work, or a child that hangs. */
  silent(): void {
    const {board, timing, clock} = this.#options
    if (this.#suspected || clock.now() - board.lastLife < timing.silentLook) return
    this.#suspected = true
    if (board.state === 'ok') void this.prove()
  }

  /** Asks the child for a sign of life and settles when it came or was waited for long enough. */
  async prove(): Promise<void> {
    const {board, multiplexer, timing, clock} = this.#options
    const child = this.#child
    if (child === null) return
    if (this.#shy && !multiplexer.handshaken) {
      await this.#sleep(timing.runsUnasked)
      if (child === this.#child && !this.#leaving) board.ok()
    } else {
      const since = clock.now()
      const answered = multiplexer.pings.open < HANG_PINGS ? multiplexer.ask(LIFE_PING) : new Promise<never>(() => {})
      this.#asked = true
      void answered.then((life) => {
        this.#answersPings ||= life
      })
      await Promise.race([answered, this.#sleep(timing.pingTimeout)])
      const silent = child === this.#child && !this.#leaving && this.#asked && board.lastLife < since
      // A server at work on a call may be too busy to answer; then only the call tells.
      if (silent && (this.#suspected || multiplexer.working === 0)) this.#silence()
      this.#hangs = silent && multiplexer.pings.ahead >= HANG_PINGS ? this.#hangs + 1 : 0
      if (silent && this.#isHopeless()) {
        child.abandon()
        return
      }
    }
    if (child === this.#child) this.#plan()
  }

  /** One that has answered before is slow until it has been asked more often; one that never has is not ready. */
  #silence(): void {
    const {board, timing} = this.#options
    const message = `no answer to a ping within ${timing.pingTimeout / 1000}s`
    if (this.#heard) board.timeout(message)
    else board.failed(message, 'child_silent')
  }

  /**
   * True when nothing is to be expected of a child that is alive. Never of one that may be at work for somebody who waits,
   * nor of one that may not know what a ping is.
   */
  #isHopeless(): boolean {
    const {timing} = this.#options
    if (this.#hangs < HANG_LOOKS) return false
    if (!this.#heard) return this.#silentFor() >= timing.neverStarts
    return (this.#answersPings || this.#suspected) && this.#silentFor() >= timing.hangs
  }

  #silentFor(): number {
    const {board, clock} = this.#options
    return clock.now() - Math.max(board.lastLife, this.#startedAt)
  }

  /** Ends the child and starts no other. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    const child = this.#child
    this.#child = null
    await child?.stop(this.#options.timing.stop)
  }

  async #spawn(): Promise<void> {
    const {argv, environment, stderr, multiplexer, log, command, clock} = this.#options
    let child: StdioChild | null = null
    const isCurrent = (): boolean => child === null || child === this.#child
    child = await StdioChild.spawn({
      argv,
      env: environment.env,
      stderr,
      listener: {
        line: (bytes) => {
          if (isCurrent()) multiplexer.receive(bytes)
        },
        overlong: (line) => {
          if (line.tail === null)
            log.warn('stdio MCP command printed a line that is too long; it is dropped', {command})
          if (isCurrent()) multiplexer.overlong(line)
        },
        drained: () => {
          if (isCurrent()) multiplexer.drained()
        },
        leaving: (because, exit) => {
          if (isCurrent()) this.#leave(because, exit)
        },
        lost: (because, exit) => {
          if (isCurrent()) this.#lost(because, exit)
        },
        gone: (end) => {
          if (isCurrent()) this.#gone(end)
        },
      },
    })
    if (this.#stopped) {
      await child.stop(this.#options.timing.stop)
      return
    }
    this.#child = child
    this.#starved = 0
    this.#asked = false
    this.#suspected = false
    this.#proven = false
    this.#heard = false
    this.#leaving = false
    this.#hangs = 0
    this.#startedAt = clock.now()
    this.#generation = randomBytes(16).toString('hex')
    log.info('stdio MCP command started', {command, pid: child.pid})
    multiplexer.attach(child, this.#restarts > 0 && !this.#shy)
  }

  /** Readiness goes at once; the calls wait for what the pipe still holds. */
  #leave(because: ChildEnd['because'], exit: ChildExit | null): void {
    this.#leaving = true
    this.#options.multiplexer.stopWriting()
    const failure = because === 'hangs' ? 'child_silent' : 'child_exited'
    if (!this.#looksShy(because)) this.#options.board.failed(`stdio MCP command ${howItEnded(because, exit)}`, failure)
  }

  #lost(because: ChildEnd['because'], exit: ChildExit | null): void {
    if (this.#looksShy(because)) return
    const message = `stdio MCP command ${howItEnded(because, exit)}`
    if (because === 'hangs') {
      this.#options.multiplexer.detach(channelFailure({failure: 'child_silent', message}))
      return
    }
    const kind = because === 'stdin write failed' ? 'closed_pipe' : 'eof'
    this.#options.multiplexer.detach(channelFailure({failure: 'child_exited', kind, message}))
  }

  /** It ended right after our ping, and no caller had sent anything: some servers allow nothing before `initialize`. */
  #looksShy(because: ChildEnd['because']): boolean {
    const {multiplexer} = this.#options
    if (because === 'hangs') return false
    return !this.#shy && !this.#bold && this.#asked && !multiplexer.touched && !multiplexer.handshaken
  }

  #gone(end: ChildEnd): void {
    const {log, command, multiplexer, timing, clock} = this.#options
    this.#lastStderr = end.stderr
    this.#child = null
    if (this.#looksShy(end.because)) {
      this.#shy = true
      log.info('stdio MCP command ended when it was asked before its handshake; starting it again without', {command})
      multiplexer.detach(channelFailure({failure: 'child_exited', message: 'the server process was started again'}))
      this.#restart(0)
      return
    }
    if (this.#proven || clock.now() - this.#startedAt >= timing.provenAfter) this.#crashes = 0
    const wait = this.#nextWait()
    const silent =
      end.because === 'hangs' ? {silent_ms: Math.round(this.#silentFor()), unanswered_pings: HANG_PINGS} : {}
    const attrs = {command, ...exitAttrs(end), reason: howItEnded(end.because, end), ...silent}
    if (wait === undefined) {
      log.error('stdio MCP command exited', attrs)
      this.#giveUp(end)
      return
    }
    log.warn('stdio MCP command exited', {...attrs, restart_in_ms: wait})
    this.#restart(wait)
  }

  /** Milliseconds until the next start; undefined: no other one. */
  #nextWait(): number | undefined {
    const {restartAfter, restartHeardAfter, mostHeard} = this.#options.timing
    const wait = restartAfter[this.#crashes++]
    if (!this.#heard) return wait
    return this.#crashes > mostHeard ? undefined : Math.min(wait ?? restartHeardAfter, restartHeardAfter)
  }

  #restart(wait: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#stopped) return
      this.#restarts++
      this.#spawn().then(
        () => this.prove(),
        (thrown: NodeJS.ErrnoException) => this.#notRestarted(thrown),
      )
    }, wait)
  }

  /** A host without room for a process is no fault of the program: that is waited out, and whoever calls meanwhile is told. */
  #notRestarted(thrown: NodeJS.ErrnoException): void {
    const {board, multiplexer, log, command, timing} = this.#options
    if (this.#stopped) return
    if (!STARVED.includes(thrown.code ?? '')) {
      this.#gone({code: null, signal: null, because: 'exited', stderr: [thrown.message]})
      return
    }
    const message = `this host has no room to start the stdio MCP command: ${thrown.message}`
    const wait = timing.starvedAfter[Math.min(this.#starved++, timing.starvedAfter.length - 1)]!
    log.warn('stdio MCP command cannot be started', {command, error: thrown.message, restart_in_ms: wait})
    const wire = {source: 'client_internal', kind: 'unknown', status: 503} as const
    multiplexer.bury(channelFailure({failure: 'local_limit', ...wire, message}))
    board.failed(message, 'local_limit')
    this.#restart(wait)
  }

  #giveUp(end: ChildEnd): void {
    const {board, multiplexer, command} = this.#options
    this.#gaveUp = true
    const message = `stdio MCP command ${JSON.stringify(command)} ended ${this.#crashes} times in a row (${howItEnded(end.because, end)})`
    multiplexer.bury(channelFailure({failure: 'child_exited', status: 503, message}))
    board.failed(message, 'child_exited')
    board.gaveUp(message)
  }

  /** Looks at the child again: soon when it is silent, after a while of silence when it is well. */
  #plan(): void {
    if (this.#stopped) return
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

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms).unref())
  }
}

const exitAttrs = ({code, signal}: ChildEnd): {exit_code?: number; signal?: string} => ({
  ...(code === null ? {} : {exit_code: code}),
  ...(signal === null ? {} : {signal}),
})
