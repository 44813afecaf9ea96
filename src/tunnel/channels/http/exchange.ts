// One message and its reply over Streamable HTTP: POST, follow redirects, resume a broken stream where that is allowed, and
// settle the sink exactly once. How a reply's bytes become messages is the business of reply/ and answer.ts.

import type {HttpFailure, RawHeaders} from '../../../foundation/platform/index.ts'
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
import {channelFailure, defect, httpFailure} from '../failures.ts'
import {isCompleteJson} from '../messages.ts'
import {isPing, pong, refuseServerRequest} from '../server-requests.ts'
import {type AnswerListener, AnswerReader} from './answer.ts'
import {cancellation, sayAside, sessionOf} from './aside.ts'
import type {CookieScope} from './cookies/session-cookies.ts'
import {nextHop} from './redirect.ts'
import {type BodyForm, type BodyListener, ReplyBody} from './reply/body.ts'
import type {Lingering} from './reply/lingering.ts'
import {Reply, type ReplyListener} from './reply/reply.ts'
import {HeaderInvalid, type OwnHeader} from './request-headers.ts'
import {Resume} from './resume.ts'
import type {SseEvent, SseReader} from './sse.ts'
import {type HttpTarget, mediaType, type Purpose} from './target.ts'
import {readUpstreamError} from './upstream-error.ts'
import {noMessage, refused, tooLarge, unanswered, unreadable, wrongType} from './verdicts.ts'

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

/**
 * Call {@link start} once; failures may reach the sink before it returns. What comes back passes through it three times: as
 * a reply, as the body of that, and as the messages in it.
 */
export class Exchange implements ChannelHandle, ReplyListener, BodyListener, AnswerListener {
  readonly #context: ExchangeContext
  readonly #call: ChannelCall
  readonly #sink: ChannelSink
  /** Null: the message is no request, nothing has to be answered. */
  readonly #answer: AnswerReader | null
  readonly #resume = new Resume()
  readonly #cookies: CookieScope
  #outgoing: Outgoing | null = null
  #reply: Reply | null = null
  #head: UpstreamHead = {status: 0, headers: []}
  /** Of the POST's own answer: what the caller is told, also when a resumed stream answers. */
  #firstHead: UpstreamHead | null = null
  #sessionId: string | null = null
  #settled = false
  #sent = false
  #paused = false
  /** What is being read. */
  #body: ReplyBody | null = null
  /** The newest event stream, also when it is over. */
  #events: SseReader | null = null
  #redirects = 0
  #repeated = false

  constructor(context: ExchangeContext, call: ChannelCall, sink: ChannelSink) {
    this.#context = context
    this.#call = call
    this.#sink = sink
    this.#cookies = context.target.cookies.scope(call.headers)
    const {kind, id} = call.message
    this.#answer = kind === 'request' ? new AnswerReader(id!, this) : null
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
    this.#body?.destroy()
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

  onSent(): void {
    this.#sent = true
  }

  onHead(status: number, headers: RawHeaders): void {
    this.#head = {status, headers}
    this.#context.onStatus(status)
    this.#sessionId ??= headerOf(headers, 'mcp-session-id')
    this.#cookies.heard(this.#head, this.#outgoing!.path)
    if (this.#redirected(status, headers)) return
    const ok = isSuccess(status)
    if (this.#resume.active) {
      if (!ok || mediaType(headers) !== 'text/event-stream') {
        this.#notResumed(status)
        return
      }
      this.#resume.opened(this.#context.target.clock.now())
    } else {
      this.#firstHead = this.#head
      if (!this.#settled) this.#sink.onHead?.()
    }
    if (this.#answer === null) {
      if (ok) this.#settle(() => this.#sink.onAccepted(this.#head))
      else this.#fail(refused(this.#head, {kind: 'invalid_mcp_error'}))
      return
    }
    const form = ok ? this.#formOf(status, headers) : 'error'
    if (form !== null) this.#read(form, headers)
  }

  onData(chunk: Buffer): void {
    this.#body?.write(chunk)
  }

  onEnd(): void {
    this.#body?.finish()
  }

  onFailure(failure: HttpFailure): void {
    if (this.#body !== null) {
      this.#body.cut(failure)
      return
    }
    if (this.#resume.active) {
      this.#streamOver(failure)
      return
    }
    if (failure.unsent && !this.#repeated && (failure.failure === 'reset' || failure.failure === 'closed')) {
      // Never written, so the server cannot have seen it: a connection that died while it was idle.
      this.#repeated = true
      this.#send()
      return
    }
    this.#lost(failure)
  }

  onEvent({type, data}: SseEvent): void {
    this.#resume.progressed()
    if (type === '' || type === 'message') this.#answer!.read(data)
  }

  onWhole(): void {
    const body = this.#body
    if (this.#settled || body === null) return
    if (body.form === 'events') {
      this.#streamOver()
      return
    }
    const text = body.text()
    if (body.form === 'error') {
      this.#fail(refused(this.#head, readUpstreamError(text, this.#call.message.id!, this.#head.headers)))
      return
    }
    this.#answer!.read(text)
    this.#answer!.end()
    if (!this.#settled) this.#unanswered(text.length === 0 ? 'empty' : 'json')
  }

  onCut(cause: HttpFailure): void {
    const body = this.#body
    if (this.#settled || body === null) return
    if (body.form === 'events') this.#streamOver(cause)
    else if (!this.#broken(body)) this.#lost(cause)
  }

  onTooLarge(limit: number): void {
    const reply = this.#reply
    const kind = 'response_body_too_large'
    this.#fail(this.#body?.form === 'error' ? refused(this.#head, {kind}) : tooLarge(this.#head, limit))
    reply?.abort()
  }

  onUndecodable(message: string): void {
    const kind = 'response_body_unreadable'
    this.#fail(isSuccess(this.#head.status) ? unreadable(this.#head, message) : refused(this.#head, {kind}))
  }

  onDefect(thrown: unknown): void {
    // Who has been told the end cannot be told another: that must be seen.
    if (this.#settled) throw thrown
    this.#fail(defect(thrown))
    this.#reply?.abort()
  }

  onNotification(raw: Buffer): void {
    if (!this.#settled) this.#sink.onNotification(raw, this.#reported)
  }

  /** The server asks its client: `ping` is ours to answer, the rest is the caller's, when he can be asked. */
  onServerRequest(message: RpcMessage): void {
    if (isPing(message)) this.#say(pong(message))
    else if (this.#settled || this.#call.serverRequests !== true) this.#say(refuseServerRequest(message, -32601))
    else {
      const request = {
        message,
        answer: (call: ChannelCall, sink: ChannelSink) => this.#relayAnswer(call, sink),
        refuse: (code: RefusalCode) => this.#say(refuseServerRequest(message, code)),
      }
      this.#sink.onServerRequest?.(request, this.#reported)
    }
  }

  onAnswer(raw: Buffer): void {
    this.#settle(() => this.#sink.onResponse(raw, this.#reported))
  }

  get #reported(): UpstreamHead {
    return this.#firstHead ?? this.#head
  }

  #send(): void {
    const {target, lingering} = this.#context
    const reply = new Reply(this, lingering)
    this.#reply = reply
    const outgoing = this.#outgoing!
    const headers = this.#cookies.apply(outgoing.headers, outgoing.path)
    reply.handle = target.destination.stream(headers === outgoing.headers ? outgoing : {...outgoing, headers}, reply)
    if (this.#settled) reply.silence()
    else if (this.#paused) reply.handle.pause()
  }

  #lost(failure: HttpFailure): void {
    this.#context.onTrouble(failure)
    this.#fail(httpFailure(failure))
  }

  /** A body did not end, but its status is known, and it may hold all that was to come. True: that settled the call. */
  #broken(body: ReplyBody): boolean {
    const text = body.text()
    if (body.form === 'error') {
      const said = readUpstreamError(text, this.#call.message.id!, this.#head.headers)
      this.#fail(refused(this.#head, 'preserved' in said ? said : {kind: 'response_body_unreadable'}))
    } else if (isCompleteJson(text)) {
      this.#answer!.read(text)
      this.#answer!.end()
    }
    return this.#settled
  }

  #redirected(status: number, headers: RawHeaders): boolean {
    if (status < 300 || status > 399 || this.#redirects >= MAX_REDIRECTS) return false
    const location = headerOf(headers, 'location')
    const path = nextHop({status, location, from: this.#context.target.url, request: this.#outgoing!})
    if (path === null) return false
    this.#redirects++
    this.#outgoing = {...this.#outgoing!, path}
    this.#reply!.silence()
    this.#send()
    return true
  }

  /** What the body of a success is; null: no answer, the call has failed. */
  #formOf(status: number, headers: RawHeaders): BodyForm | null {
    const type = mediaType(headers)
    if (type === 'text/event-stream') return 'events'
    if (status === 202 || status === 204) this.#fail(noMessage(this.#head))
    else if (type === 'application/json' || type === '') return 'json'
    else this.#fail(wrongType(this.#head, type))
    return null
  }

  #read(form: BodyForm, headers: RawHeaders): void {
    const body = new ReplyBody(form, headers, this)
    if (this.#settled) return
    if (this.#events !== null && body.events !== null) {
      body.events.lastEventId = this.#events.lastEventId
      body.events.retry = this.#events.retry
    }
    this.#body = body
    this.#events = body.events
  }

  /** An event stream has ended, cleanly or not, and the answer was not in it. */
  #streamOver(cause?: HttpFailure): void {
    this.#answer!.end()
    if (this.#settled) return
    this.#body = null
    const wait = this.#resume.next(this.#events!, this.#context.target.clock.now())
    if (wait === null) {
      if (cause !== undefined) this.#context.onTrouble(cause)
      this.#unanswered('stream', cause)
      return
    }
    this.#reply!.silence()
    this.#resume.after(wait, () => {
      try {
        this.#askAgain()
      } catch (thrown) {
        this.onDefect(thrown)
      }
    })
  }

  #askAgain(): void {
    const {target, purpose} = this.#context
    const forced: OwnHeader[] = [
      ['Accept', 'text/event-stream'],
      ['Last-Event-ID', this.#events!.lastEventId!],
      ...sessionOf(this.#sessionId, this.#call),
    ]
    try {
      const headers = target.plainHeaders(purpose, this.#call.headers, forced)
      this.#outgoing = {method: 'GET', path: this.#outgoing!.path, headers}
    } catch (thrown) {
      if (!(thrown instanceof HeaderInvalid)) throw thrown
      // An event id that no header can carry: there is no place to go on from.
      this.#unanswered('stream')
      return
    }
    this.#send()
  }

  /** A server that refuses the resuming GET as such will not change its mind; one in trouble may. */
  #notResumed(status: number): void {
    if (status >= 500 || status === 429) this.#streamOver()
    else this.#unanswered('stream')
  }

  #unanswered(form: 'stream' | 'json' | 'empty', cause?: HttpFailure): void {
    this.#fail(unanswered({headers: this.#reported.headers, oddity: this.#answer!.oddity, form, cause}))
  }

  #relayAnswer(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    const session = sessionOf(this.#sessionId, call).flat()
    return new Exchange(this.#context, {...call, headers: [...call.headers, ...session]}, sink).start()
  }

  #say(words: Buffer): void {
    const {target, purpose} = this.#context
    const {headers} = this.#call
    const session = sessionOf(this.#sessionId, this.#call)
    sayAside({target, purpose, headers, session, cookies: this.#cookies}, words)
  }

  #fail(failure: ChannelFailure): void {
    this.#settle(() => this.#sink.onFailure(failure))
  }

  #settle(tell: () => void): void {
    if (this.#settled) return
    this.#settled = true
    this.#body?.destroy()
    this.#body = null
    this.#resume.cancel()
    this.#reply?.silence()
    tell()
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status <= 299
