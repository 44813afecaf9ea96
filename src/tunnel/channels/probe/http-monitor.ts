// Keeps the evidence of an HTTP server true: a handshake at start, then the real traffic, a cheap look when idle, and a
// handshake again as soon as something speaks against it.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import type {Clock, HttpFailure, LogAttrs, Logger} from '../../../foundation/platform/index.ts'
import type {ChannelEvidence} from '../channel.ts'
import type {EvidenceBoard} from '../evidence.ts'
import type {HandshakeResult} from './handshake.ts'

/** What the monitor works with. Times are milliseconds. */
export interface HttpMonitorOptions {
  readonly board: EvidenceBoard
  readonly clock: Clock
  readonly log: Logger
  /** The messages that watchers match are written for `main` only. */
  readonly isMain: boolean
  /** URL without credentials. */
  readonly target: string
  /** How long the startup probe waits for a server that refuses connections; 0: one attempt. */
  readonly startupWait: number
  /** A socket that does not exist yet counts as refused. */
  readonly unixSocket: boolean
  /** Added to the lines that say the server does not answer. */
  readonly advise: (failure: FailureClass) => LogAttrs
  /** Readiness is announced after this. */
  readonly announce: Promise<unknown>
  handshake(timeout: number): Promise<HandshakeResult>
  /** Any status for the least that can be asked, or null when none came. */
  glance(timeout: number): Promise<number | null>
}

const ATTEMPT_MS = 2000
const IDLE_MS = 60_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 1000
/** After this long in vain a handshake every second would only be noise. */
const PATIENCE_MS = 300_000
const SLOW_RETRY_MS = 1500
/** Least time between two looks while the server is well and single calls fail. */
const PAUSE_MS = 5000

/** The monitor of one channel. */
export class HttpMonitor {
  readonly #options: HttpMonitorOptions
  readonly #board: EvidenceBoard
  #timer: NodeJS.Timeout | null = null
  #busy = false
  #stopped = false
  #settled = false
  #retry = FIRST_RETRY_MS
  #failingSince = 0
  #doubted = false
  #silent = false
  #lastHandshake = 0
  #lastGlance = Number.NEGATIVE_INFINITY
  #due = 0

  constructor(options: HttpMonitorOptions) {
    this.#options = options
    this.#board = options.board
  }

  /** The startup probe. Resolves when it has settled; what follows happens in the background. */
  async probe(): Promise<ChannelEvidence> {
    const {log, isMain, target} = this.#options
    if (isMain) log.info('Probing MCP server', {transport: 'http-streamable', target})
    this.#busy = true
    const result = await this.#startup()
    this.#busy = false
    this.#settled = true
    if (this.#stopped) return this.#board.current
    this.#record(result)
    if (isMain) this.#report(result)
    this.#lastHandshake = this.#options.clock.now()
    this.#schedule(this.#nextLook())
    return this.#board.current
  }

  /** A real request got a final status. */
  sawStatus(status: number): void {
    if (status >= 500) this.#suspect()
    else if (status === 401 && this.#board.state !== 'ok')
      this.#board.authRequired('calling the MCP server: Unauthorized')
    else {
      this.#board.ok()
      this.#calm()
    }
  }

  /** A real request got no complete reply. */
  sawTrouble({failure, message}: HttpFailure): void {
    if (failure === 'canceled' || this.#stopped) return
    if (gone(failure)) this.#lose(message, failure)
    this.#suspect()
  }

  /** The time of a real request was over before any status came: it may be slow work, or a server that hangs. */
  sawSilence(): void {
    if (!this.#settled || this.#busy || !this.#well) return
    this.#silent = true
    this.#schedule(Math.max(0, this.#lastGlance + PAUSE_MS - this.#options.clock.now()))
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #startup(): Promise<HandshakeResult> {
    const {startupWait, clock, log, unixSocket} = this.#options
    const until = clock.now() + startupWait
    let backoff = 50
    for (let attempt = 1; ; attempt++) {
      const result = await this.#options.handshake(ATTEMPT_MS)
      const waiting =
        startupWait > 0 &&
        result.result === 'failed' &&
        (result.failure === 'refused' ||
          result.failure === 'socket_stale' ||
          (unixSocket && result.failure === 'socket_missing'))
      if (!waiting || this.#stopped) return result
      if (clock.now() + backoff >= until) {
        const message = `mcp startup wait timed out after ${startupWait / 1000}s: ${result.message}`
        log.error('MCP startup wait timed out', {error: message, ...this.#advice(result)})
        return {...result, message}
      }
      log.warn('retrying MCP startup probe', {attempt, backoff: `${backoff}ms`, error: result.message})
      await new Promise((resolve) => setTimeout(resolve, backoff))
      backoff = Math.min(1000, backoff * 2)
    }
  }

  #record(result: HandshakeResult): void {
    switch (result.result) {
      case 'ok':
        this.#board.ok(result.server)
        this.#calm()
        break
      case 'auth_required':
        this.#board.authRequired(result.message)
        this.#calm()
        break
      case 'timeout':
        this.#failingSince ||= this.#options.clock.now()
        this.#board.timeout(result.message)
        break
      case 'failed':
        this.#lose(result.message, result.failure)
        break
    }
  }

  #report(result: HandshakeResult): void {
    const {log, announce} = this.#options
    if (result.result === 'ok') {
      const {protocolVersion, name, version} = result.server
      const attrs = {
        protocol_version: protocolVersion,
        server_name: name,
        ...(version === '' ? {} : {server_version: version}),
      }
      void announce.then(() => log.info('mcp session initialized', attrs))
    } else if (result.result === 'timeout') {
      log.error('mcp probe timed out', {
        timeout: `${ATTEMPT_MS / 1000}s`,
        error: result.message,
        ...this.#advice(result),
      })
    } else log.error('failed to connect to mcp', {error: result.message, ...this.#advice(result)})
  }

  #advice(result: Exclude<HandshakeResult, {readonly result: 'ok'}>): LogAttrs {
    if (result.result === 'failed') return this.#options.advise(result.failure)
    return this.#options.advise(result.result === 'timeout' ? 'timeout_http' : 'mcp_auth')
  }

  #lose(message: string, failure: FailureClass): void {
    if (this.#board.state !== 'failed') this.#failingSince = this.#options.clock.now()
    this.#board.failed(message, failure)
  }

  /** Something speaks against the evidence: look soon, but not at every failing call. */
  #suspect(): void {
    if (!this.#settled || this.#busy) return
    this.#doubted = true
    const wait = this.#lastHandshake + PAUSE_MS - this.#options.clock.now()
    this.#schedule(this.#well ? Math.max(FIRST_RETRY_MS, wait) : FIRST_RETRY_MS)
  }

  /** All is well: the next failure starts with a short wait again. */
  #calm(): void {
    this.#retry = FIRST_RETRY_MS
    this.#failingSince = 0
  }

  get #well(): boolean {
    return this.#board.state === 'ok' || this.#board.state === 'auth_required'
  }

  /** Looks after that many milliseconds, or earlier when that was planned already. */
  #schedule(after: number): void {
    if (this.#stopped) return
    const due = this.#options.clock.now() + after
    if (this.#timer !== null && this.#due <= due) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#look()
    }, after).unref()
  }

  #nextLook(): number {
    const {clock} = this.#options
    if (this.#well) return Math.max(FIRST_RETRY_MS, IDLE_MS - (clock.now() - this.#board.lastLife))
    const wait = this.#retry
    this.#retry = Math.min(LAST_RETRY_MS, wait * 2)
    return clock.now() - this.#failingSince > PATIENCE_MS ? SLOW_RETRY_MS : wait
  }

  async #look(): Promise<void> {
    const {clock, glance} = this.#options
    this.#busy = true
    try {
      if (this.#well && !this.#doubted) {
        if (!this.#silent && clock.now() - this.#board.lastLife < IDLE_MS) return
        this.#silent = false
        this.#lastGlance = clock.now()
        const status = await glance(ATTEMPT_MS)
        if (status !== null && status < 500) {
          this.#board.alive()
          return
        }
      }
      this.#doubted = false
      const before = this.#board.state
      const result = await this.#options.handshake(ATTEMPT_MS)
      if (this.#stopped) return
      this.#lastHandshake = clock.now()
      this.#record(result)
      this.#change(before, result)
    } finally {
      this.#busy = false
      this.#schedule(this.#nextLook())
    }
  }

  #change(before: ChannelEvidence['state'], result: HandshakeResult): void {
    if (before === this.#board.state) return
    const {log, target} = this.#options
    if (result.result === 'ok' || result.result === 'auth_required') log.info('MCP server answers again', {target})
    else log.warn('MCP server does not answer', {target, error: result.message, ...this.#advice(result)})
  }
}

/** Classes that say: nobody there, whatever the request was. */
const gone = (failure: FailureClass): boolean =>
  failure !== 'reset' && failure !== 'closed' && failure !== 'timeout_http' && failure !== 'too_large'
