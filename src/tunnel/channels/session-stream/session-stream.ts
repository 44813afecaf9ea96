// What an MCP server says outside of calls, over Streamable HTTP: the event stream that its client opens with a GET. It is the
// caller's stream, opened with his headers; nothing is kept of it and nothing resumed here, that is his to do.

import type {HttpFailure, RawHeaders} from '../../../foundation/platform/index.ts'
import type {RpcMessage} from '../../../foundation/wire/index.ts'
import type {ChannelCall, ChannelHandle, ChannelListen, ChannelSink, RefusalCode, UpstreamHead} from '../channel.ts'
import {channelFailure, defect, httpFailure} from '../failures.ts'
import {sayAside} from '../http/aside.ts'
import type {CookieScope} from '../http/cookies/session-cookies.ts'
import {Exchange, type ExchangeContext} from '../http/exchange.ts'
import {type BodyListener, ReplyBody} from '../http/reply/body.ts'
import {Reply, type ReplyListener} from '../http/reply/reply.ts'
import {HeaderInvalid} from '../http/request-headers.ts'
import type {SseEvent} from '../http/sse.ts'
import {mediaType} from '../http/target.ts'
import {readMessages} from '../messages.ts'
import {isPing, pong, refuseServerRequest} from '../server-requests.ts'

/** What is said where there is no such stream: callers go on without it. */
const NO_STREAM: UpstreamHead = {status: 405, headers: []}

/** Call {@link start} once; failures may reach the sink before it returns. */
export class SessionStream implements ChannelHandle, ReplyListener, BodyListener {
  readonly #context: ExchangeContext
  readonly #listen: ChannelListen
  readonly #sink: ChannelSink
  readonly #reply: Reply
  readonly #cookies: CookieScope
  #head: UpstreamHead = NO_STREAM
  #body: ReplyBody | null = null
  #over = false

  constructor(context: ExchangeContext, listen: ChannelListen, sink: ChannelSink) {
    this.#context = context
    this.#listen = listen
    this.#sink = sink
    this.#cookies = context.target.cookies.scope(listen.headers)
    this.#reply = new Reply(this, context.lingering)
  }

  start(): this {
    const {target, purpose} = this.#context
    try {
      const own = target.plainHeaders(purpose, this.#listen.headers, [['Accept', 'text/event-stream']])
      const {path} = target
      const headers = this.#cookies.apply(own, path)
      this.#reply.handle = target.destination.stream({method: 'GET', path, headers}, this.#reply)
    } catch (thrown) {
      if (!(thrown instanceof HeaderInvalid)) throw thrown
      this.#settle(() =>
        this.#sink.onFailure(channelFailure({failure: 'bad_command', status: 400, message: thrown.message})),
      )
    }
    return this
  }

  cancel(): void {
    this.#over = true
    this.#body?.destroy()
    this.#reply.abort()
  }

  pause(): void {
    if (!this.#over) this.#reply.handle?.pause()
  }

  resume(): void {
    this.#reply.handle?.resume()
  }

  onHead(status: number, headers: RawHeaders): void {
    const head = {status, headers}
    this.#cookies.heard(head, this.#context.target.path)
    if (status < 200 || status > 299) {
      this.#finish(head)
      return
    }
    this.#context.onStatus(status)
    if (mediaType(headers) !== 'text/event-stream') {
      this.#finish(NO_STREAM)
      return
    }
    this.#body = new ReplyBody('events', headers, this)
    if (this.#over) return
    this.#head = head
    this.#sink.onHead?.()
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
    this.#context.onTrouble(failure)
    this.#settle(() => this.#sink.onFailure(httpFailure(failure)))
  }

  onEvent({type, data}: SseEvent): void {
    if (type === '' || type === 'message') this.#read(data)
  }

  onWhole(): void {
    this.#finish(this.#head)
  }

  onCut(): void {
    this.#finish(this.#head)
  }

  onTooLarge(): void {
    this.#finish(this.#head)
    this.#reply.abort()
  }

  /** In an encoding that is not known there is no stream that anybody could read; one whose encoding breaks is over. */
  onUndecodable(): void {
    this.#finish(this.#head)
  }

  onDefect(thrown: unknown): void {
    if (this.#over) throw thrown
    this.#settle(() => this.#sink.onFailure(defect(thrown)))
    this.#reply.abort()
  }

  #read(event: Buffer): void {
    readMessages(event, {
      message: (message) => {
        if (this.#over) return
        if (message.kind === 'notification') this.#sink.onNotification(message.raw, this.#head)
        else if (message.kind === 'request') this.#asked(message)
      },
      garbage: () => {},
    })
  }

  #asked(message: RpcMessage): void {
    if (isPing(message)) {
      this.#say(pong(message))
      return
    }
    const request = {
      message,
      answer: (call: ChannelCall, sink: ChannelSink) => new Exchange(this.#context, call, sink).start(),
      refuse: (code: RefusalCode) => this.#say(refuseServerRequest(message, code)),
    }
    this.#sink.onServerRequest?.(request, this.#head)
  }

  #say(words: Buffer): void {
    const {target, purpose} = this.#context
    const {headers} = this.#listen
    sayAside({target, purpose, headers, session: [], cookies: this.#cookies}, words)
  }

  #finish(head: {status: number; headers: RawHeaders}): void {
    this.#settle(() => this.#sink.onAccepted(head))
  }

  #settle(tell: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#body?.destroy()
    this.#reply.silence()
    tell()
  }
}
