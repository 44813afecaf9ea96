// One place for a connection: an undici client that holds at most one socket, the attempt that made it, and the request
// that uses it. A slot per connection (instead of undici's Pool) is what lets an abort reach a connection attempt.

import type {Socket} from 'node:net'
import UndiciClient from 'undici/lib/dispatcher/client.js'
import type {Instant} from '../clock.ts'
import {type Cause, cause, classifyTls, codeOf} from './classify.ts'
import {type ConnectAttempt, type ConnectPlan, startConnect} from './connect/connector.ts'
import type {Exchange} from './exchange.ts'
import type {TraceStep} from './types.ts'
import {allowUnaskedContinue} from './unasked-continue.ts'

/** Largest block of response header fields. */
const MAX_HEADER_BYTES = 256 * 1024

/**
 * Idle connections live this long unless the server's Keep-Alive field says less. The margin is what a busy server may stand
 * still: longer, and it hangs up on a request that it has not read yet, which nobody may send again.
 */
const IDLE_MS = 90_000
const IDLE_MARGIN_MS = 2000

/** Carries a connector's cause through undici. Its code is none of undici's, which would take it for recoverable. */
class DialError extends Error {
  readonly why: Cause

  constructor(why: Cause) {
    super(why.failure)
    this.why = why
  }
}

/** What a slot reports to its pool. */
export interface SlotOwner {
  readonly plan: ConnectPlan
  readonly origin: string
  /** A connection attempt began; its steps are the newest. */
  dialed(slot: Slot): void
  /** The idle connection is gone, or the slot is of no more use. */
  lost(slot: Slot): void
}

/** See the head of this file. */
export class Slot {
  exchange: Exchange | null = null
  dead = false
  /** When the present exchange got it, or the last one left it. */
  since: Instant = 0
  readonly #owner: SlotOwner
  readonly #client: InstanceType<typeof UndiciClient>
  #attempt: ConnectAttempt | null = null
  #connected = false
  #socket: Socket | null = null
  /** Requests answered on the present connection. */
  #served = 0
  #http: TraceStep | null = null

  constructor(owner: SlotOwner) {
    this.#owner = owner
    this.#client = new UndiciClient(owner.origin, {
      connect: (_options, callback) => this.#dial(callback as unknown as DialCallback),
      pipelining: 1,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Deadlines are ours; undici's defaults of 300 s would end long calls.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      keepAliveTimeoutThreshold: IDLE_MARGIN_MS,
    })
    this.#client.on('connect', () => {
      if (this.#socket) allowUnaskedContinue(this.#socket)
    })
    this.#client.on('disconnect', () => {
      this.#connected = false
      this.#socket = null
      if (!this.exchange && !this.dead) owner.lost(this)
    })
  }

  /** Sends a request here, now or as soon as there is a connection. */
  run(exchange: Exchange): void {
    this.exchange = exchange
    exchange.slot = this
    this.#client.dispatch(exchange.dispatchOptions() as never, exchange as never)
  }

  /** The exchange is complete; the connection may serve another. */
  release(): void {
    this.exchange = null
    this.#served += 1
  }

  /** Closes our direction of the connection, behind what was written. */
  endWriting(): void {
    this.#socket?.end()
  }

  /** The rung that a connection attempt is on, or null when none is under way. */
  get dialing(): TraceStep['rung'] | null {
    return this.#attempt && !this.#connected ? this.#attempt.trace.rung : null
  }

  /** Steps of the newest attempt, and of HTTP on its connection. */
  get steps(): readonly TraceStep[] {
    const steps = this.#attempt?.trace.steps ?? []
    return this.#http ? [...steps, this.#http] : steps
  }

  /** Ends everything here: the attempt, the socket, the client. */
  destroy(why: Cause): Promise<void> {
    const waited = this.exchange
    this.exchange = null
    this.dead = true
    if (this.#connected && waited) this.#note(why)
    const closed = this.#client.destroy(new DialError(why)).catch(() => {})
    this.#attempt?.abort(why)
    return closed
  }

  /** The head of an answer came. */
  noteHead(status: number): void {
    if (this.#served > 0 || !this.#attempt) return
    this.#http = {rung: 'http', ok: true, ms: round(this.#attempt.trace.elapsed()), detail: `status ${status}`}
  }

  /**
   * True when a kept-alive connection turned out to be dead before any byte of an answer, the request may be sent twice,
   * and was not yet.
   */
  mayRepeat(exchange: Exchange, error: Error): boolean {
    const {request, repeated, answered, written, hungUp} = exchange
    const gone = codeOf(error) === 'UND_ERR_SOCKET' || codeOf(error) === 'ECONNRESET' || codeOf(error) === 'EPIPE'
    return request.idempotent === true && written && this.#served > 0 && !answered && !repeated && !hungUp && gone
  }

  /** What an error that undici reports for an exchange means. */
  explain(exchange: Exchange, error: Error): Cause {
    if (error instanceof DialError) return error.why
    const code = codeOf(error)
    const {plan, origin} = this.#owner
    const first = this.#served === 0 && !exchange.answered
    const secure = origin.startsWith('https:')
    if (secure && first) {
      // TLS 1.3 refuses a client's certificate only after the client has finished its handshake.
      const failure = code.startsWith('ERR_SSL_') || code === 'EPROTO' ? classifyTls(error, plan.identity) : null
      if (failure) return cause(failure, code, code)
      if (plan.identity.clientCertificate && isGone(code)) {
        return cause('client_cert_refused', 'closed right after the TLS handshake', code)
      }
    }
    // undici has destroyed the connection; the server has not.
    if (error.message === 'bad upgrade')
      return cause('not_http', 'it switched to another protocol, unasked: status 101')
    // What undici says of a head that it does not take is not what happened: the server has sent it, and is still there.
    if (exchange.answered && !exchange.headSeen) {
      if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
        return cause('not_http', 'its headers say two different things of the length of the body')
      if (code === 'ERR_ASSERTION') return cause('not_http', 'its status is none of HTTP')
    }
    if (isGone(code)) {
      const when = exchange.headSeen
        ? 'before the body was complete'
        : exchange.answered
          ? 'within its headers'
          : 'before an answer'
      return cause('closed', `closed ${when}`, code)
    }
    return explainUndici(code, error)
  }

  #note(why: Cause): void {
    this.#http = {
      rung: 'http',
      ok: false,
      ms: round(this.#attempt?.trace.elapsed() ?? 0),
      detail: why.detail,
      failure: why.failure,
    }
  }

  #dial(callback: DialCallback): void {
    this.#connected = false
    this.#served = 0
    this.#http = null
    this.#attempt = startConnect(this.#owner.plan, (result) => {
      if (!result.socket) {
        callback(new DialError(result.cause), null)
        return
      }
      this.#connected = true
      this.#socket = result.socket
      this.#attempt?.trace.begin('http')
      callback(null, result.socket)
    })
    this.#owner.dialed(this)
  }
}

type DialCallback = (error: Error | null, socket: Socket | null) => void

const round = (ms: number): number => Math.round(ms * 10) / 10

const GONE = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
])
const isGone = (code: string): boolean => GONE.has(code)

function explainUndici(code: string, error: Error): Cause {
  if (error.name === 'HTTPParserError') {
    const {data = ''} = error as Error & {data?: string}
    if (error.message.includes('EOF')) return cause('closed', 'closed before the answer was complete')
    // The first bytes of a TLS alert.
    if (data.startsWith('\x15\x03')) return cause('not_http', 'it speaks TLS: write https://')
    return cause('not_http', /^[^(]*\((.*)\)/.exec(error.message)?.[1] ?? error.message)
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return cause('too_large', `headers of more than ${MAX_HEADER_BYTES} bytes`)
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return cause('invalid_request', error.message)
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED' || code === 'UND_ERR_ABORTED')
    return cause('canceled', '')
  return cause('internal', error.message, code)
}
