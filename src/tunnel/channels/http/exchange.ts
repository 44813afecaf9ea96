// One message and its reply over Streamable HTTP: POST, read JSON or events, resume a broken stream where that is
// allowed, and settle the sink exactly once.

import {BodyCollector, type HttpFailure, type RawHeaders} from '../../../foundation/platform/index.ts'
import {headerOf, type RpcMessage} from '../../../foundation/wire/index.ts'
import type {
  CancelReason,
  ChannelCall,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  RefusalCode,
  UpstreamHead,
} from '../channel.ts'
import {channelFailure, httpFailure} from '../failures.ts'
import {isCompleteJson} from '../messages.ts'
import {isPing, pong, refuseServerRequest} from '../server-requests.ts'
import {AnswerReader} from './answer.ts'
import {cancellation, sayAside, sessionOf} from './aside.ts'
import {createDecoder, type Decoder} from './decode.ts'
import {type Lingering, Reply} from './linger.ts'
import {nextHop} from './redirect.ts'
import {HeaderInvalid, type OwnHeader} from './request-headers.ts'
import {Resume} from './resume.ts'
import {SseReader} from './sse.ts'
import {type HttpTarget, mediaType, type Purpose} from './target.ts'
import {readUpstreamError} from './upstream-error.ts'
import {noMessage, refused, tooLarge, unanswered, unreadable, wrongType} from './verdicts.ts'

/** Largest JSON answer, and largest single event, in bytes. A stream as a whole has no limit. */
const MAX_JSON_BYTES = 64 * 1024 * 1024
const MAX_EVENT_BYTES = 256 * 1024 * 1024
const MAX_REDIRECTS = 3

/** What an exchange works with. */
export interface ExchangeContext {
  readonly target: HttpTarget
  readonly purpose: Purpose
  readonly lingering: Lingering
  /** Called with every final status, for evidence. */
  onStatus(status: number): void
  /** Called when no complete reply came, for evidence. */
  onTrouble(failure: HttpFailure): void
  /** Called when the time of a call was over before any status had come, for evidence. */
  onSilence(): void
}

/** Request line, headers and body of one hop. */
interface Outgoing {
  readonly method: string
  readonly path: string
  readonly headers: string[]
  readonly body?: Buffer
}

/** Call {@link start} once; failures may reach the sink before it returns. */
export class Exchange implements ChannelHandle {
  readonly #context: ExchangeContext
  readonly #call: ChannelCall
  readonly #sink: ChannelSink
  /** Null: the message is no request, nothing has to be answered. */
  readonly #answer: AnswerReader | null
  readonly #resume = new Resume()
  #outgoing: Outgoing | null = null
  #reply: Reply | null = null
  #head: UpstreamHead = {status: 0, headers: []}
  /** Of the POST's own answer: what the caller is told, also when a resumed stream answers. */
  #firstHead: UpstreamHead | null = null
  #sessionId: string | null = null
  #settled = false
  #sent = false
  #paused = false
  #mode: 'json' | 'sse' | 'error' = 'json'
  #decoder: Decoder | null = null
  #body: BodyCollector | null = null
  #sse: SseReader | null = null
  #redirects = 0
  #repeated = false

  constructor(context: ExchangeContext, call: ChannelCall, sink: ChannelSink) {
    this.#context = context
    this.#call = call
    this.#sink = sink
    const {kind, id} = call.message
    this.#answer =
      kind !== 'request'
        ? null
        : new AnswerReader(id!, {
            notification: (raw) => {
              if (!this.#settled) sink.onNotification(raw, this.#reported)
            },
            serverRequest: (request) => this.#asked(request),
            response: (raw) => this.#settle(() => sink.onResponse(raw, this.#reported)),
          })
  }

  start(): this {
    const {target, purpose} = this.#context
    try {
      const headers = target.postHeaders(purpose, this.#call.headers)
      this.#outgoing = {method: 'POST', path: target.path, headers, body: this.#call.message.raw}
    } catch (thrown) {
      if (!(thrown instanceof HeaderInvalid)) throw thrown
      this.#fail(channelFailure({failure: 'bad_command', status: 400, message: thrown.message}))
      return this
    }
    this.#send()
    return this
  }

  cancel(reason: CancelReason): void {
    const outOfTime = reason === 'deadline' || reason === 'ttl'
    if (outOfTime && !this.#settled && this.#head.status === 0) this.#context.onSilence()
    // Whoever cancelled himself was sent on; a server that never got the call has nothing to stop.
    const words = this.#settled || !this.#sent || reason === 'caller' ? null : cancellation(this.#call, reason)
    if (words !== null) this.#say(words)
    this.#settled = true
    this.#resume.cancel()
    this.#decoder?.destroy()
    this.#reply?.abort()
  }

  pause(): void {
    this.#paused = true
    if (!this.#settled) this.#reply?.handle?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#reply?.handle?.resume()
  }

  get #reported(): UpstreamHead {
    return this.#firstHead ?? this.#head
  }

  #send(): void {
    const reply = new Reply({
      sent: () => {
        this.#sent = true
      },
      head: (status, headers) => this.#onHead(status, headers),
      data: (chunk) => this.#decoder?.write(chunk),
      end: () => this.#decoder?.end(),
      failure: (failure) => this.#onFailure(failure),
      ended: (handle) => this.#context.lingering.delete(handle),
    })
    this.#reply = reply
    reply.handle = this.#context.target.destination.stream(this.#outgoing!, reply)
    if (this.#settled) reply.silence(this.#context.lingering)
    else if (this.#paused) reply.handle.pause()
  }

  #onHead(status: number, headers: RawHeaders): void {
    this.#head = {status, headers}
    this.#context.onStatus(status)
    this.#sessionId ??= headerOf(headers, 'mcp-session-id')
    if (this.#redirected(status, headers)) return
    const ok = status >= 200 && status <= 299
    if (this.#resume.active) {
      if (!ok || mediaType(headers) !== 'text/event-stream') {
        this.#notResumed(status)
        return
      }
    } else {
      this.#firstHead = this.#head
      if (!this.#settled) this.#sink.onHead?.()
    }
    if (this.#answer === null) {
      if (ok) this.#settle(() => this.#sink.onAccepted(this.#head))
      else this.#fail(refused(this.#head, {kind: 'invalid_mcp_error'}))
      return
    }
    if (ok) this.#chooseReader(status, headers)
    else this.#mode = 'error'
    if (!this.#settled) this.#openDecoder(headers)
  }

  #onFailure(failure: HttpFailure): void {
    this.#decoder?.destroy()
    if (this.#sse !== null) {
      // What has arrived counts: the last event may be whole although its connection was cut.
      this.#sse.end(isCompleteJson)
      if (!this.#settled) this.#streamOver(failure)
      return
    }
    if (failure.unsent && !this.#repeated && (failure.failure === 'reset' || failure.failure === 'closed')) {
      // Never written, so the server cannot have seen it: a connection that died while it was idle.
      this.#repeated = true
      this.#send()
      return
    }
    if (this.#body !== null && this.#brokenBody(this.#body.take())) return
    this.#context.onTrouble(failure)
    this.#fail(httpFailure(failure))
  }

  /** The body did not end, but its status is known, and it may hold all that was to come. True: that settled the call. */
  #brokenBody(body: Buffer): boolean {
    if (this.#mode === 'error') {
      const said = readUpstreamError(body, this.#call.message.id!)
      this.#fail(refused(this.#head, 'preserved' in said ? said : {kind: 'response_body_unreadable'}))
    } else if (isCompleteJson(body)) this.#answer!.read(body)
    return this.#settled
  }

  #redirected(status: number, headers: RawHeaders): boolean {
    if (status < 300 || status > 399 || this.#redirects >= MAX_REDIRECTS) return false
    const location = headerOf(headers, 'location')
    const path = nextHop({status, location, from: this.#context.target.url, request: this.#outgoing!})
    if (path === null) return false
    this.#redirects++
    this.#outgoing = {...this.#outgoing!, path}
    this.#reply!.silence(this.#context.lingering)
    this.#send()
    return true
  }

  #chooseReader(status: number, headers: RawHeaders): void {
    const type = mediaType(headers)
    if (type === 'text/event-stream') {
      this.#mode = 'sse'
      const before = this.#sse
      this.#sse = new SseReader((event) => {
        this.#resume.progressed()
        if (event.type === '' || event.type === 'message') this.#answer!.read(event.data)
      })
      this.#sse.lastEventId = before?.lastEventId ?? null
      this.#sse.retry = before?.retry ?? null
    } else if (status === 202 || status === 204) this.#fail(noMessage(this.#head))
    else if (type === 'application/json' || type === '') this.#mode = 'json'
    else this.#fail(wrongType(this.#head, type))
  }

  #openDecoder(headers: RawHeaders): void {
    const announced = Number(headerOf(headers, 'content-length') ?? 0)
    this.#body = new BodyCollector(announced, {ahead: MAX_JSON_BYTES})
    this.#decoder = createDecoder(headerOf(headers, 'content-encoding'), {
      data: (chunk) => this.#decoded(chunk),
      end: () => this.#bodyOver(),
      error: (message) => this.#fail(unreadable(this.#head, message)),
    })
    if (this.#decoder === null)
      this.#fail(unreadable(this.#head, 'the content encoding of the answer is not understood'))
  }

  #decoded(chunk: Buffer): void {
    if (this.#settled) return
    if (this.#mode === 'sse') {
      this.#sse!.push(chunk)
      if (this.#sse!.heldBytes > MAX_EVENT_BYTES) this.#overLimit(tooLarge(this.#head, MAX_EVENT_BYTES))
      return
    }
    const body = this.#body!
    body.push(chunk)
    if (body.length <= MAX_JSON_BYTES) return
    const kind = 'response_body_too_large'
    this.#overLimit(this.#mode === 'error' ? refused(this.#head, {kind}) : tooLarge(this.#head, MAX_JSON_BYTES))
  }

  #overLimit(failure: ChannelFailure): void {
    const reply = this.#reply
    this.#fail(failure)
    reply?.abort()
  }

  #bodyOver(): void {
    if (this.#settled) return
    if (this.#mode === 'sse') {
      this.#sse!.end(isCompleteJson)
      if (!this.#settled) this.#streamOver()
      return
    }
    const body = this.#body!.take()
    if (this.#mode === 'error') {
      this.#fail(refused(this.#head, readUpstreamError(body, this.#call.message.id!)))
      return
    }
    this.#answer!.read(body)
    if (!this.#settled) this.#unanswered(body.length === 0 ? 'empty' : 'json')
  }

  /** An event stream has ended, cleanly or not, and the answer was not in it. */
  #streamOver(cause?: HttpFailure): void {
    const wait = this.#resume.next(this.#sse!)
    if (wait === null) {
      if (cause !== undefined) this.#context.onTrouble(cause)
      this.#unanswered('stream', cause)
      return
    }
    this.#reply!.silence(this.#context.lingering)
    this.#resume.after(wait, () => this.#askAgain())
  }

  #askAgain(): void {
    const {target, purpose} = this.#context
    const forced: OwnHeader[] = [
      ['Accept', 'text/event-stream'],
      ['Last-Event-ID', this.#sse!.lastEventId!],
      ...sessionOf(this.#sessionId, this.#call),
    ]
    const headers = target.plainHeaders(purpose, this.#call.headers, forced)
    this.#outgoing = {method: 'GET', path: this.#outgoing!.path, headers}
    this.#send()
  }

  /** A server that refuses the resuming GET as such will not change its mind; one in trouble may. */
  #notResumed(status: number): void {
    if (status >= 500) this.#streamOver()
    else this.#unanswered('stream')
  }

  #unanswered(form: 'stream' | 'json' | 'empty', cause?: HttpFailure): void {
    this.#fail(unanswered({headers: this.#reported.headers, oddity: this.#answer!.oddity, form, cause}))
  }

  /** The server asks its client: `ping` is ours to answer, the rest is the caller's, when he can be asked. */
  #asked(message: RpcMessage): void {
    if (isPing(message)) this.#say(pong(message))
    else if (this.#settled || this.#call.serverRequests !== true) this.#say(refuseServerRequest(message, -32601))
    else {
      const question = {
        message,
        answer: (call: ChannelCall, sink: ChannelSink) => this.#relayAnswer(call, sink),
        refuse: (code: RefusalCode) => this.#say(refuseServerRequest(message, code)),
      }
      this.#sink.onServerRequest?.(question, this.#reported)
    }
  }

  #relayAnswer(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    const session = sessionOf(this.#sessionId, call).flat()
    return new Exchange(this.#context, {...call, headers: [...call.headers, ...session]}, sink).start()
  }

  #say(words: Buffer): void {
    const {target, purpose} = this.#context
    const {headers} = this.#call
    sayAside({target, purpose, headers, session: sessionOf(this.#sessionId, this.#call)}, words)
  }

  #fail(failure: ChannelFailure): void {
    this.#settle(() => this.#sink.onFailure(failure))
  }

  #settle(tell: () => void): void {
    if (this.#settled) return
    this.#settled = true
    this.#body = null
    this.#resume.cancel()
    this.#decoder?.destroy()
    this.#reply?.silence(this.#context.lingering)
    tell()
  }
}
