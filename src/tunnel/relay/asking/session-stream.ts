// One caller who listens to what his server says outside of calls. It takes no slot, has no TTL and nothing waits for it; it
// ends with the server's stream, with the caller, or with the daemon.

import {isUtf8} from 'node:buffer'
import {responseHeaders, type SessionStreamCommand} from '../../../foundation/wire/index.ts'
import type {
  Channel,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  ServerQuestion,
  UpstreamHead,
} from '../../channels/index.ts'
import {type Answer, failureAnswer, failureToAnswer, type Recipient} from '../answers.ts'
import {type Core, commandAttrs, deliver} from '../deliver.ts'
import {notificationsOf} from '../notifications.ts'
import type {Outbox} from '../outbox.ts'
import type {Fate} from '../trace/call-record.ts'
import {Questions} from './questions.ts'

/** What a stream needs. */
export interface SessionStreamOptions {
  readonly core: Core
  readonly command: SessionStreamCommand
  readonly to: Recipient
  readonly channel: Channel
  /** It is over, in whatever way. */
  readonly onOver: (fate: Fate) => void
}

/** A stream under way. */
export class SessionStream implements ChannelSink {
  readonly requestId: string
  readonly #options: SessionStreamOptions
  #state: 'open' | 'answering' | 'over' = 'open'
  #handle: ChannelHandle | null = null
  #outbox: Outbox | null = null
  #questions: Questions | null = null

  constructor(options: SessionStreamOptions) {
    this.#options = options
    this.requestId = options.command.requestId
  }

  start(): void {
    const {channel, command, core, to} = this.#options
    to.trace.dispatched = core.clock.now()
    const {requestId, headers} = command
    const handle = channel.listen?.({requestId, headers}, this)
    if (handle === undefined) this.onAccepted({status: 405, headers: []})
    else if (this.#state === 'open') this.#handle = handle
  }

  onHead(): void {
    if (this.#state === 'open') this.#options.to.trace.begun(this.#options.core.clock)
  }

  onNotification(raw: Buffer, head: UpstreamHead): void {
    if (this.#state !== 'open' || !isUtf8(raw)) return
    this.#options.to.trace.notified(this.#options.core.clock)
    this.#questions?.heard(raw)
    this.#upward(head).push(raw)
  }

  onServerRequest(question: ServerQuestion, head: UpstreamHead): void {
    if (this.#state !== 'open') {
      question.refuse(-32603)
      return
    }
    this.#questions ??= new Questions({
      // It waits anyway.
      waiting: {park: () => true, unpark: () => {}},
      upward: this.#upward(head),
      log: this.#options.core.log,
      attrs: () => this.#attrs(),
    })
    this.#questions.take(question)
  }

  /** No answer belongs here. */
  onResponse(): void {}

  onAccepted({status, headers}: UpstreamHead): void {
    this.#answer({type: 'notify_ack', status, headers: responseHeaders(headers), payload: null, failure: null})
  }

  onFailure(failure: ChannelFailure): void {
    this.#answer(failureToAnswer(this.#options.to, failure))
  }

  /** The server waits for an answer of this caller. */
  get isAsking(): boolean {
    return this.#state === 'open' && this.#questions !== null && this.#questions.size > 0
  }

  /** What the server asked under this id: see {@link Questions.answered}. */
  answered(id: string): ServerQuestion | 'settled' | null {
    return this.#state === 'open' ? (this.#questions?.answered(id) ?? null) : null
  }

  /** The caller has gone: nothing is posted. */
  hangUp(): void {
    if (this.#state !== 'open') return
    this.#handle?.cancel('gone')
    this.#outbox?.abort()
    this.#questions?.end()
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
    this.#outbox?.abort()
    this.#over('aborted')
  }

  #upward(head: UpstreamHead): Outbox {
    const {core, to} = this.#options
    this.#outbox ??= notificationsOf({
      core,
      to,
      head,
      attrs: () => this.#attrs(),
      onPressure: (high) => (high ? this.#handle?.pause() : this.#handle?.resume()),
      onGone: () => this.hangUp(),
    })
    return this.#outbox
  }

  #answer(answer: Answer): void {
    if (this.#state !== 'open') return
    this.#state = 'answering'
    this.#handle = null
    this.#questions?.end()
    const {core, to} = this.#options
    const send = (): void => {
      if (this.#state === 'answering') deliver(core, to, answer, (fate) => this.#over(fate))
    }
    if (this.#outbox === null || this.#outbox.idle) send()
    else this.#outbox.finish(send)
  }

  #over(fate: Fate): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#options.onOver(fate)
  }

  #attrs() {
    return commandAttrs(this.#options.to, '')
  }
}
