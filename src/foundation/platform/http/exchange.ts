// One request on its way: the object that undici calls back, that the caller holds, and that settles exactly once,
// whatever the connection does. No Promise, no AbortSignal, no timer of its own: this is the hot path.

import type {FailureClass} from '../../errors/index.ts'
import type {Clock, Instant} from '../clock.ts'
import {lateCheck} from '../time/late-check.ts'
import type {Timer, TimerWheel} from '../time/timer-wheel.ts'
import {type Cause, cause, sentence} from './classify.ts'
import type {Slot} from './slot.ts'
import type {HttpFailure, HttpRequest, RawHeaders, ReplyHandle, ReplySink, TraceStep} from './types.ts'

/** What an exchange asks of the pool that runs it. */
export interface ExchangeOwner {
  readonly clock: Clock
  readonly wheel: TimerWheel
  /** `https://mcp.corp:8443`, for messages. */
  readonly where: string
  /** What undici expects beside the request. */
  readonly servername: string
  /** The exchange left this slot, whose connection is fit for the next one. */
  release(slot: Slot): void
  /** The exchange ended early: its slot, if any, must be destroyed; if it waits for one, it waits no more. */
  drop(exchange: Exchange, why: Cause): void
  /** Runs it again on a connection of its own. */
  again(exchange: Exchange): void
  /** This machine cannot open another connection now: lets it wait for one. False when it has waited long enough. */
  postpone(exchange: Exchange): boolean
}

/** A body above this is written piece by piece instead of being joined: joining is cheap, but not free. */
const JOIN_BELOW = 64 * 1024

interface Dispatched {
  readonly path: string
  readonly method: string
  readonly headers: RawHeaders
  readonly body: Buffer | readonly Buffer[] | null
  readonly servername: string
}

/** Thrown into undici to skip a request that has ended, without harm to the connection that became free for it. */
const STALE = new Error('the request has ended')

/** See the head of this file. The `on…` methods are undici's handler contract. */
export class Exchange implements ReplyHandle {
  slot: Slot | null = null
  /** Changes whenever something arrived or moved on; time-outs watch it. */
  progress = 0
  settled = false
  /** Runs for the second time. */
  repeated = false
  /** Since when this machine has had no connection for it; null: it had. */
  limitedSince: Instant | null = null
  /** Written to a connection, at least in part. */
  written = false
  /** A byte of an answer was seen. */
  answered = false
  headSeen = false
  /** Our direction of its connection is closed: it is the last one there, and is not repeated. */
  hungUp = false
  readonly request: HttpRequest
  readonly #owner: ExchangeOwner
  readonly #sink: ReplySink
  #timer: Timer | null = null
  #sentTold = false
  /** Completely written, in its present run. */
  #sent = false
  #paused = false
  #resume: (() => void) | null = null

  constructor(owner: ExchangeOwner, request: HttpRequest, sink: ReplySink) {
    this.#owner = owner
    this.request = request
    this.#sink = sink
    const {deadline} = request
    if (deadline !== undefined && deadline !== null) this.#timer = owner.wheel.at(deadline, this.#late)
  }

  /** The request in undici's words. */
  dispatchOptions(): Dispatched {
    const {path, method, headers, body} = this.request
    const {servername} = this.#owner
    if (body === undefined) return {path, method, headers, body: null, servername}
    if (Buffer.isBuffer(body)) return {path, method, headers, body, servername}
    let length = 0
    for (const piece of body) length += piece.length
    if (length < JOIN_BELOW) return {path, method, headers, body: Buffer.concat(body, length), servername}
    return {path, method, headers: [...headers, 'content-length', String(length)], body, servername}
  }

  abort(): void {
    this.end(cause('canceled', ''))
  }

  hangUp(): void {
    if (this.settled || this.hungUp) return
    if (!this.#sent || !this.slot) {
      this.abort()
      return
    }
    this.hungUp = true
    this.slot.endWriting()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    // Callers may be inside the parser of another connection, and undici's parsers cannot be nested.
    queueMicrotask(() => {
      if (!this.#paused && !this.settled) this.#resume?.()
    })
  }

  onConnect(_abort: (error?: Error) => void): void {
    if (this.settled) throw STALE
    this.progress += 1
    this.written = true
  }

  onRequestSent(): void {
    this.progress += 1
    this.#sent = true
    if (this.settled || this.#sentTold) return
    this.#sentTold = true
    this.#sink.onSent?.()
  }

  onResponseStarted(): void {
    this.progress += 1
    this.answered = true
  }

  onHeaders(status: number, raw: readonly Buffer[], resume: () => void): boolean {
    const receivedAt = this.#owner.clock.now()
    this.progress += 1
    if (this.settled) return true
    if (status < 200) {
      this.#sink.onInterim?.(status)
      return true
    }
    this.headSeen = true
    this.#resume = resume
    this.slot?.noteHead(status)
    this.#sink.onHead(status, latin1(raw), receivedAt)
    return !this.#paused
  }

  onData(chunk: Buffer): boolean {
    this.progress += 1
    if (this.settled) return true
    this.#sink.onData(chunk)
    return !this.#paused
  }

  onComplete(): void {
    if (this.settled) return
    const {slot} = this
    this.#settle()
    if (this.hungUp) this.#owner.drop(this, cause('closed', ''))
    else if (slot) this.#owner.release(slot)
    loudly(() => this.#sink.onEnd())
  }

  onError(error: Error): void {
    if (this.settled) return
    const {slot} = this
    if (slot?.mayRepeat(this, error)) {
      this.repeated = true
      this.written = false
      this.#sent = false
      this.#owner.drop(this, cause('closed', ''))
      this.#owner.again(this)
      return
    }
    const why = slot ? slot.explain(this, error) : cause('internal', error.message)
    if (why.failure === 'local_limit' && !this.written && this.#owner.postpone(this)) return
    if (why.failure !== 'invalid_request' || !slot || this.written) {
      this.end(why)
      return
    }
    // undici refused it before it touched the connection, which stays good.
    this.#settle()
    this.#owner.release(slot)
    this.#fail(why, [])
  }

  /** Ends it with a failure, now, wherever it is. Nothing happens when it had ended. */
  end(why: Cause): void {
    if (this.settled) return
    const {slot} = this
    this.#settle()
    this.#owner.drop(this, why)
    this.#fail(why, slot?.steps ?? [])
  }

  #fail(why: Cause, steps: readonly TraceStep[]): void {
    const failure = failureOf(this.#owner.where, why, !this.written && !this.repeated, steps)
    loudly(() => this.#sink.onFailure(failure))
  }

  #settle(): void {
    this.settled = true
    if (this.#timer) this.#owner.wheel.clear(this.#timer)
    this.#timer = null
  }

  readonly #late = (): void => {
    lateCheck({
      progress: () => this.progress,
      expire: () => {
        const {failure, detail} = this.#overdue()
        this.end(cause(failure, detail))
      },
    })
  }

  /** The class of running out of time here. */
  #overdue(): {failure: FailureClass; detail: string} {
    const rung = this.slot?.dialing
    if (rung === 'resolve') return {failure: 'dns_timeout', detail: 'out of time while looking up the name'}
    if (rung === 'tls') return {failure: 'timeout_connect', detail: 'out of time during the TLS handshake'}
    if (rung) return {failure: 'timeout_connect', detail: 'out of time while connecting'}
    if (!this.slot) return {failure: 'timeout_http', detail: 'every connection was busy until the deadline'}
    return {failure: 'timeout_http', detail: this.headSeen ? 'the body did not end in time' : 'no answer in time'}
  }
}

/** Runs a sink's last call. What it throws is a defect that must be seen, but not by undici, which would swallow it. */
function loudly(call: () => void): void {
  try {
    call()
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown
    })
  }
}

/** A failure as callers see it. */
function failureOf(where: string, why: Cause, unsent: boolean, trace: readonly TraceStep[]): HttpFailure {
  const {failure, errno} = why
  return {failure, message: sentence(where, why), ...(errno === undefined ? {} : {errno}), unsent, trace: [...trace]}
}

function latin1(raw: readonly Buffer[]): RawHeaders {
  const text = new Array<string>(raw.length)
  for (let at = 0; at < raw.length; at += 1) text[at] = raw[at]!.toString('latin1')
  return text
}
