// Keeps one server process running: starts it, starts it again after a crash, gives up on a crash loop. Whether it lives is the
// business of its liveness, the calls are that of the multiplexer.

import {randomBytes} from 'node:crypto'
import {isTunnelError, messageOf, type OriginText, TunnelError} from '../../../foundation/errors/index.ts'
import {
  argvHint,
  type ChildExit,
  type Clock,
  type Logger,
  resolveExecutable,
  shellSyntax,
} from '../../../foundation/platform/index.ts'
import type {ChildStatus} from '../channel.ts'
import type {EvidenceBoard} from '../evidence.ts'
import {channelFailure} from '../failures.ts'
import type {Multiplexer} from '../multiplex/multiplexer.ts'
import {type ChildEnd, StdioChild} from './child.ts'
import {howItEnded} from './end-words.ts'
import type {ChildEnvironment} from './environment.ts'
import {HANG_PINGS, Liveness} from './liveness.ts'
import {isStarved, RestartPolicy} from './restart-policy.ts'
import type {StderrSink} from './stderr-tail.ts'
import type {StdioTiming} from './timing.ts'

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
  readonly #liveness: Liveness
  readonly #policy: RestartPolicy
  #state: 'supervising' | 'gave up' | 'stopped' = 'supervising'
  #child: StdioChild | null = null
  #restarts = 0
  #generation: string | null = null
  #timer: NodeJS.Timeout | null = null
  #lastStderr: readonly string[] = []
  /** The latest child ended before it had written a message or received a request. */
  #failedStart = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#liveness = new Liveness(options)
    this.#policy = new RestartPolicy(options.timing)
  }

  /** Where what the child says is told, and where it is asked. */
  get liveness(): Liveness {
    return this.#liveness
  }

  /** The process as operators see it. One that has ended is not running, though its pipes may still be open. */
  status(): ChildStatus {
    const lines = this.#child?.stderr ?? []
    const runs = this.#child !== null && this.#liveness.isRunning
    return {
      state: runs ? 'running' : this.#state === 'supervising' ? 'restarting' : 'gone',
      pid: runs ? (this.#child?.pid ?? null) : null,
      generation: this.#generation,
      restarts: this.#restarts,
      stderr: lines.length > 0 ? lines : this.#lastStderr,
    }
  }

  /** Starts the first child. Rejects with a TunnelError when the program cannot be started. */
  async start(): Promise<void> {
    const {argv, command, environment, log} = this.#options
    const syntax = shellSyntax(command)
    if (syntax?.certain) throw this.#notStarted(`no shell reads it, but it ${syntax.problem}`, {next: syntax.next})
    const looked = await resolveExecutable({name: argv[0], env: environment.env})
    if (!looked.found) {
      throw this.#notStarted(looked.message)
    }
    if (environment.removed.length > 0) {
      log.info('stdio MCP command does not see these variables', {variables: environment.removed})
    }
    if (syntax !== null) log.warn(`no shell reads the stdio MCP command: it ${syntax.problem}`, {next: syntax.next})
    try {
      await this.#spawn()
    } catch (cause) {
      throw this.#notStarted(messageOf(cause), {cause})
    }
  }

  #notStarted(reason: string, {next, cause}: {next?: string; cause?: unknown} = {}): TunnelError {
    const {channel, origin, command, argv} = this.#options
    const hint = next ?? (isTunnelError(cause) ? cause.next[0] : argvHint(command, argv))
    const more = {
      ...(origin === undefined ? {} : {origin}),
      ...(cause === undefined ? {} : {cause}),
      ...(hint == null ? {} : {next: [hint]}),
    }
    return new TunnelError('TC-CHANNEL-PROGRAM', `mcpclient: start stdio command: ${reason} (channel ${channel})`, more)
  }

  /** Ends the child and starts no other. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#liveness.over()
    if (this.#timer !== null) clearTimeout(this.#timer)
    const child = this.#child
    this.#child = null
    await child?.stop(this.#options.timing.stop)
  }

  async #spawn(): Promise<void> {
    const {argv, environment, stderr, multiplexer, log, command} = this.#options
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
    if (this.#state === 'stopped') {
      await child.stop(this.#options.timing.stop)
      return
    }
    this.#child = child
    this.#generation = randomBytes(16).toString('hex')
    this.#policy.started()
    this.#liveness.began(child)
    log.info('stdio MCP command started', {command, pid: child.pid})
    multiplexer.attach(child, this.#settleMs())
  }

  /** How long a restarted child must run before it gets the calls that wait, in milliseconds. */
  #settleMs(): number {
    const {startsWithin, provesStart} = this.#options.timing
    if (this.#restarts === 0) return 0
    return this.#failedStart ? provesStart : startsWithin
  }

  /** Readiness goes at once; the calls wait for what the pipe still holds. */
  #leave(because: ChildEnd['because'], exit: ChildExit | null): void {
    this.#liveness.left()
    this.#options.multiplexer.stopWriting()
    const failure = because === 'hangs' ? 'child_silent' : 'child_exited'
    this.#options.board.failed(`stdio MCP command ${howItEnded(because, exit)}`, failure)
  }

  #lost(because: ChildEnd['because'], exit: ChildExit | null): void {
    const message = `stdio MCP command ${howItEnded(because, exit)}`
    if (because === 'hangs') {
      this.#options.multiplexer.detach(channelFailure({failure: 'child_silent', message}))
      return
    }
    const kind = because === 'stdin write failed' ? 'closed_pipe' : 'eof'
    this.#options.multiplexer.detach(channelFailure({failure: 'child_exited', kind, message}))
  }

  #gone(end: ChildEnd): void {
    const {log, command, multiplexer} = this.#options
    const liveness = this.#liveness
    liveness.over()
    this.#lastStderr = end.stderr
    this.#child = null
    // A request that ended it says nothing against its start.
    const heard = liveness.heard || multiplexer.touched
    this.#failedStart = !heard
    const wait = this.#policy.afterEnd({heard, proven: liveness.proven})
    const silent =
      end.because === 'hangs' ? {silent_ms: Math.round(liveness.silentFor), unanswered_pings: HANG_PINGS} : {}
    const attrs = {command, ...exitAttrs(end), reason: howItEnded(end.because, end), ...silent}
    if (wait === undefined) {
      log.error('stdio MCP command exited', attrs)
      this.#giveUp(end)
      return
    }
    log.warn('stdio MCP command exited', {...attrs, restart_in_ms: wait})
    this.#restart(wait)
  }

  #restart(wait: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#state === 'stopped') return
      this.#restarts++
      this.#spawn().then(
        () => this.#liveness.prove(),
        (thrown: NodeJS.ErrnoException) => this.#notRestarted(thrown),
      )
    }, wait)
  }

  /** A host without room for a process is no fault of the program: that is waited out, and whoever calls meanwhile is told. */
  #notRestarted(thrown: NodeJS.ErrnoException): void {
    const {board, multiplexer, log, command} = this.#options
    if (this.#state === 'stopped') return
    if (!isStarved(thrown)) {
      this.#liveness.forget()
      this.#gone({code: null, signal: null, because: 'exited', stderr: [thrown.message]})
      return
    }
    const message = `this host has no room to start the stdio MCP command: ${thrown.message}`
    const wait = this.#policy.afterStarving()
    log.warn('stdio MCP command cannot be started', {command, error: thrown.message, restart_in_ms: wait})
    const wire = {source: 'client_internal', kind: 'unknown', status: 503} as const
    multiplexer.bury(channelFailure({failure: 'local_limit', ...wire, message}))
    board.failed(message, 'local_limit')
    this.#restart(wait)
  }

  #giveUp(end: ChildEnd): void {
    const {board, multiplexer, command} = this.#options
    this.#state = 'gave up'
    const message = `stdio MCP command ${JSON.stringify(command)} ended ${this.#policy.crashes} times in a row (${howItEnded(end.because, end)})`
    multiplexer.bury(channelFailure({failure: 'child_exited', status: 503, message}))
    board.failed(message, 'child_exited')
    board.gaveUp(message)
  }
}

const exitAttrs = ({code, signal}: ChildEnd): {exit_code?: number; signal?: string} => ({
  ...(code === null ? {} : {exit_code: code}),
  ...(signal === null ? {} : {signal}),
})
