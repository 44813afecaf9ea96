// One caller who listens to what his server says outside of calls. It takes no slot, has no TTL and nothing waits for it; it
// ends with the server's stream, with the caller, or with the daemon.

import {messageOf} from '../../../foundation/errors/index.ts'
import {encodeResponse, responseHeaders, type SessionStreamCommand} from '../../../foundation/wire/index.ts'
import type {
  Channel,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  ServerRequest,
  UpstreamHead,
} from '../../channels/index.ts'
import {type Answer, acknowledgement, failureAnswer, failureToAnswer, type Recipient} from '../answers/answer.ts'
import {commandAttrs} from '../answers/command-log.ts'
import {deliver} from '../answers/deliver.ts'
import type {Core} from '../core.ts'
import type {Fate} from '../trace/call-record.ts'
import {ServerMessages} from './server-messages.ts'

/** What a stream needs. */
export interface SessionStreamOptions {
  readonly core: Core
  readonly command: SessionStreamCommand
  readonly to: Recipient
  readonly channel: Channel
  /** It is over, in whatever way. */
  readonly onOver: (fate: Fate) => void
}

/** The caller waits anyway. */
const WAITING = {park: () => true, unpark: () => {}}

/** A stream under way. */
export class SessionStream implements ChannelSink {
  readonly requestId: string
  readonly #options: SessionStreamOptions
  #state: 'open' | 'answering' | 'over' = 'open'
  #handle: ChannelHandle | null = null
  #messages: ServerMessages | null = null

  constructor(options: SessionStreamOptions) {
    this.#options = options
    this.requestId = options.command.requestId
  }

  start(): void {
    const {channel, command, core, to} = this.#options
    to.trace.dispatched = core.clock.now()
    const {requestId, headers} = command
    try {
      const handle = channel.listen?.({requestId, headers}, this)
      if (handle === undefined) this.onAccepted({status: 405, headers: []})
      else if (this.#state === 'open') this.#handle = handle
    } catch (thrown) {
      // A defect of a transport must cost this one stream only, and the caller still hears of it.
      core.log.error('a transport threw', {...commandAttrs(to, ''), error: messageOf(thrown)})
      this.#answer(failureAnswer(to, 'internal'))
    }
  }

  onHead(): void {
    if (this.#state !== 'open') return
    const {core, to} = this.#options
    to.trace.begun(core.clock)
    if (core.client.offers('stream_head')) this.#postHead()
  }

  onNotification(raw: Buffer, head: UpstreamHead): void {
    if (this.#state !== 'open') return
    this.#options.to.trace.notified(this.#options.core.clock)
    this.#upward(head).notification(raw)
  }

  onServerRequest(request: ServerRequest, head: UpstreamHead): void {
    if (this.#state === 'open') this.#upward(head).request(request)
    else request.refuse(-32603)
  }

  /** No answer belongs here. */
  onResponse(): void {}

  onAccepted({status, headers}: UpstreamHead): void {
    this.#answer(acknowledgement(status, responseHeaders(headers)))
  }

  onFailure(failure: ChannelFailure): void {
    this.#answer(failureToAnswer(this.#options.to, failure))
  }

  /** The server waits for an answer of this caller. */
  get isAsking(): boolean {
    return this.#state === 'open' && this.#messages !== null && this.#messages.isAsking
  }

  /** What the server asked under this id: see {@link ServerMessages.answered}. */
  answered(id: string): ServerRequest | 'settled' | null {
    return this.#state === 'open' ? (this.#messages?.answered(id) ?? null) : null
  }

  /** The caller has gone: nothing is posted. */
  hangUp(): void {
    if (this.#state !== 'open') return
    this.#handle?.cancel('gone')
    this.#messages?.abort()
    this.#messages?.endRequests()
    this.#options.core.seen.answered(this.requestId)
    this.#over('cancelled')
  }

  /** The daemon stops. */
  refuse(): void {
    if (this.#state !== 'open') return
    this.#handle?.cancel('shutdown')
    this.#answer(failureAnswer(this.#options.to, 'draining'))
  }

  /** Ends it now, without an answer. */
  kill(): void {
    this.#handle?.cancel('shutdown')
    this.#messages?.abort()
    this.#over('aborted')
  }

  /** Opens the caller's stream before the first event. When the post is lost, the first event opens it. */
  #postHead(): void {
    const {core, to} = this.#options
    const {requestId, channel, shardToken, clientRequestId, deadline} = to
    const type = 'jsonrpc_notify'
    const headers = ['Content-Type', 'text/event-stream']
    const body = encodeResponse({requestId, channel, payload: null, headers, status: 200, type})
    core.client.respond({requestId, body, type, shardToken, clientRequestId, deadline}, () => {})
  }

  #upward(head: UpstreamHead): ServerMessages {
    const {core, to} = this.#options
    this.#messages ??= new ServerMessages({
      core,
      to,
      session: '',
      head,
      waiting: WAITING,
      onPressure: (high) => (high ? this.#handle?.pause() : this.#handle?.resume()),
      onGone: () => this.hangUp(),
    })
    return this.#messages
  }

  #answer(answer: Answer): void {
    if (this.#state !== 'open') return
    this.#state = 'answering'
    this.#handle = null
    this.#messages?.endRequests()
    const {core, to} = this.#options
    const send = (): void => {
      if (this.#state === 'answering') deliver(core, to, answer, (fate) => this.#over(fate))
    }
    if (this.#messages === null || this.#messages.idle) send()
    else this.#messages.finish(send)
  }

  #over(fate: Fate): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#options.onOver(fate)
  }
}
