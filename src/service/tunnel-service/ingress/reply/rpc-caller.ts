// The reply to one JSON-RPC caller while it is made: one JSON answer, or an event stream that is never cut without a word.

import type {ServerResponse} from 'node:http'
import {rpcError} from '../../../../foundation/wire/index.ts'
import {ApiError, sendApiError} from '../../api-error.ts'
import type {CallerPort, Outcome} from '../../hub/command.ts'
import type {ResponsePayload} from '../../hub/response-payload.ts'
import {headerValue, returnedHeaders} from '../headers.ts'
import {EVENT_STREAM_HEADERS, KEEP_ALIVE, sseEvent} from './sse.ts'
import {callerStatus, isBodiless} from './status.ts'

/** A daemon's post waits at most this long for a slow caller; then it is told to come again. */
const STALL_MS = 20_000
/** What may wait for a slow caller, of posts that did not wait for each other. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024

/** What {@link RpcCaller} needs. */
export interface RpcCallerOptions {
  readonly response: ServerResponse
  readonly requestId: string
  /** The id token of the request; null for a notification. */
  readonly id: string | null
  /** The caller accepts `text/event-stream`. */
  readonly streams: boolean
  /** Silence before the answer commits to a stream by itself; null: it does not (the answer's headers matter). */
  readonly silenceMs: number | null
  readonly metadataUrl: string
  /** There is no answer but the end of the stream: the caller listens to what the server says outside of calls. */
  readonly listens?: boolean
  /** Called once, when nothing more will be written. */
  readonly onDone: () => void
}

interface Waiting {
  readonly payload: ResponsePayload
  settle: (outcome: Outcome) => void
  readonly timer: NodeJS.Timeout
}

/** One caller. Its methods are for the hub; {@link RpcCaller.done} tells whether it still waits. */
export class RpcCaller implements CallerPort {
  readonly #options: RpcCallerOptions
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #streaming = false
  #blocked = false
  #silence: NodeJS.Timeout | undefined
  #finalWaits = false
  done = false

  constructor(options: RpcCallerOptions) {
    this.#options = options
    const {streams, id, listens, silenceMs} = options
    if (streams && (id !== null || listens) && silenceMs !== null) this.#watchSilence(silenceMs)
  }

  accept(payload: ResponsePayload, settle: (outcome: Outcome) => void): void {
    if (this.done) {
      settle('gone')
    } else if (this.#finalWaits) {
      this.#again(payload, settle)
    } else if (this.#blocked) {
      this.#wait(payload, settle)
    } else {
      this.#write(payload)
      settle('taken')
    }
  }

  fail(error: ApiError): void {
    if (this.done) return
    const {response, requestId, id} = this.#options
    if (!this.#streaming) {
      this.#finish()
      sendApiError(response, error, requestId)
      return
    }
    if (this.#options.listens) {
      response.end()
      this.#finish()
      return
    }
    const {code, type, status, message} = error
    const data = JSON.stringify({code, type, status})
    response.end(sseEvent(rpcError({id: id ?? 'null', code: -32603, message, data})))
    this.#finish()
  }

  /** The caller hung up. */
  abandon(): void {
    if (!this.done) this.#finish()
  }

  #wait(payload: ResponsePayload, settle: (outcome: Outcome) => void): void {
    const bytes = payload.json?.length ?? 0
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES && this.#waiting.length > 0) {
      settle('stalled')
      return
    }
    const timer = setTimeout(() => this.#stalled(), STALL_MS)
    this.#waiting.push({payload, settle, timer})
    this.#waitingBytes += bytes
    if (payload.type !== 'jsonrpc_notify') this.#finalWaits = true
  }

  /**
   * A daemon that got no word for long posts its answer again, on another connection: it is this post that hears what
   * becomes of the answer. To the first nobody may listen any more.
   */
  #again(payload: ResponsePayload, settle: (outcome: Outcome) => void): void {
    const final = this.#waiting.at(-1)
    if (payload.type === 'jsonrpc_notify' || final === undefined) {
      settle('gone')
      return
    }
    const first = final.settle
    final.settle = settle
    final.timer.refresh()
    first('gone')
  }

  /** The oldest post gives up, and all after it with it: none may overtake another. */
  #stalled(): void {
    this.#finalWaits = false
    for (const {settle} of this.#clearWaiting()) settle('stalled')
  }

  #clearWaiting(): Waiting[] {
    this.#waitingBytes = 0
    const all = this.#waiting.splice(0)
    for (const {timer} of all) clearTimeout(timer)
    return all
  }

  #write(payload: ResponsePayload): void {
    if (payload.type === 'jsonrpc_notify') {
      // A caller that takes JSON only has no place for it.
      if (this.#options.streams && payload.json !== null) this.#event(payload.json, payload)
      else if (this.#options.listens) this.#open(payload)
      return
    }
    if (this.#options.listens && payload.code >= 200 && payload.code <= 299) this.#open(payload)
    if (!this.#streaming && !this.#wantsStream(payload)) {
      this.#answer(payload)
      return
    }
    if (payload.json === null && this.#options.id !== null) {
      this.fail(
        new ApiError('tunnel_client_invalid_response', `the answer has status ${payload.code} and no JSON-RPC message`),
      )
      return
    }
    if (payload.json !== null) this.#event(payload.json, payload)
    this.#options.response.end()
    this.#finish()
  }

  #wantsStream({code, headers, json}: ResponsePayload): boolean {
    // 502 with the label of a stream: the server had answered with one, and it broke before the answer.
    if (!this.#options.streams || json === null || ((code < 200 || code > 299) && code !== 502)) return false
    return /^text\/event-stream/i.test(headerValue(headers, 'content-type') ?? '')
  }

  #event(json: Buffer, head: ResponsePayload | null): void {
    this.#open(head)
    this.#send(sseEvent(json))
  }

  /** Commits to a stream. From here on every ending is an event. */
  #open(head: ResponsePayload | null): void {
    if (this.#streaming) return
    this.#streaming = true
    const {response, requestId, metadataUrl, silenceMs} = this.#options
    const own = head ? returnedHeaders({headers: head.headers, metadataUrl, without: STREAM_SETS}) : []
    response.writeHead(200, [...own, ...EVENT_STREAM_HEADERS, 'X-Request-Id', requestId])
    // A listener may wait long for its first event: `fetch` and EventSource are open once the head is here.
    if (this.#options.listens) response.flushHeaders()
    if (silenceMs !== null && this.#silence === undefined) this.#watchSilence(silenceMs)
  }

  #send(bytes: Buffer): void {
    this.#silence?.refresh()
    if (this.#options.response.write(bytes)) return
    this.#blocked = true
    this.#options.response.once('drain', () => this.#drained())
  }

  #drained(): void {
    this.#blocked = false
    while (!this.#blocked && !this.done) {
      const next = this.#waiting.shift()
      if (!next) return
      clearTimeout(next.timer)
      this.#waitingBytes -= next.payload.json?.length ?? 0
      this.#write(next.payload)
      next.settle('taken')
    }
  }

  #watchSilence(ms: number): void {
    this.#silence = setTimeout(() => {
      this.#open(null)
      if (!this.#blocked) this.#send(KEEP_ALIVE)
      this.#silence?.refresh()
    }, ms)
  }

  #answer(payload: ResponsePayload): void {
    const {response, requestId, metadataUrl} = this.#options
    const {json, headers} = payload
    let status = callerStatus(payload.code)
    // An accepted notification is 202 in MCP; transports without statuses of their own report 200.
    if (payload.type === 'notify_ack' && status === 200) status = 202
    if (json !== null && isBodiless(status)) status = status < 300 ? 200 : 502
    const given = headerValue(headers, 'content-type')
    // The body is JSON whatever the server sent: a daemon wraps the text of a gateway's page, and may keep its label.
    const mislabeled = json !== null && (given === null || !JSON_TYPE.test(given))
    const flat = returnedHeaders({headers, metadataUrl, without: mislabeled || json === null ? ANSWER_SETS : NOTHING})
    if (mislabeled) flat.push('Content-Type', 'application/json')
    flat.push('X-Request-Id', requestId)
    if (!isBodiless(status)) flat.push('Content-Length', String(json?.length ?? 0))
    response.writeHead(status, flat)
    if (json === null) response.end()
    else response.end(json)
    this.#finish()
  }

  #finish(): void {
    this.done = true
    // Whoever does not read the rest is cut off: what it left unread must not stay in memory.
    if (this.#options.response.writableLength > 0) this.#options.response.setTimeout(STALL_MS)
    clearTimeout(this.#silence)
    this.#options.onDone()
    for (const {settle} of this.#clearWaiting()) settle('gone')
  }
}

/** `application/json` and structured types such as `application/problem+json` (RFC 6839). */
const JSON_TYPE = /^(?:application\/json|[\w.!#$&^-]+\/[\w.!#$&^-]+\+json)\s*(?:;|$)/i
const NOTHING: ReadonlySet<string> = new Set(['x-request-id'])
const ANSWER_SETS: ReadonlySet<string> = new Set(['content-type', 'x-request-id'])
const STREAM_SETS: ReadonlySet<string> = new Set(['content-type', 'cache-control', 'x-request-id'])
