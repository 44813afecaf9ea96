// Requests of the server to its client on a shared pipe: whom they mean, and who answers. They belong to the present server:
// its successor has asked nothing, so what was open is forgotten with it.

import type {Clock} from '../../../foundation/platform/index.ts'
import {cancelledRequest, type RpcMessage, sameId} from '../../../foundation/wire/index.ts'
import type {ChannelSink, UpstreamHead} from '../channel.ts'
import {isPing, pong, refuseServerRequest} from '../server-requests.ts'
import {namedCall, onlyCall} from './attribution.ts'
import type {CallTable, OpenCall} from './call-table.ts'
import type {Outbox} from './outbox.ts'
import {answerDown} from './rewrite.ts'
import {backlog, unasked} from './verdicts.ts'

const NO_HEAD: UpstreamHead = {status: 0, headers: []}

/** What {@link ServerRequests} works with. */
export interface ServerRequestsOptions {
  readonly table: CallTable
  readonly outbox: Outbox
  readonly clock: Clock
}

/** One open request. */
export interface OpenRequest {
  readonly message: RpcMessage
  /** Whose caller was asked. */
  readonly call: OpenCall
}

/** The open requests of one server. */
export class ServerRequests {
  readonly #options: ServerRequestsOptions
  readonly #open = new Set<OpenRequest>()

  constructor(options: ServerRequestsOptions) {
    this.#options = options
  }

  /**
   * The server asks. Which caller it means is known when it tells (`about`: internal id of his call), or works for a single
   * call; else it is refused: -32603 when somebody could have been meant, -32601 when nobody can be asked.
   */
  take(message: RpcMessage, about: number | null): void {
    const {table, outbox, clock} = this.#options
    if (isPing(message)) {
      outbox.say(pong(message))
      return
    }
    const call = about === null ? onlyCall(table, clock.now()) : namedCall(table, about)
    if (call === null || !call.canBeAsked) {
      const working = call === null ? table.working() : null
      const unknown = working !== null && (working.length === 0 || working.some(({canBeAsked}) => canBeAsked))
      outbox.say(refuseServerRequest(message, unknown ? -32603 : -32601))
      return
    }
    // One with this id is open: an answer could be for either.
    if (this.#find(message.id!) !== null) return
    const request = {message, call}
    this.#open.add(request)
    call.sink.onServerRequest?.(
      {
        message,
        answer: (answer, sink) => {
          this.#answer(request, answer.message, sink)
          return WRITTEN
        },
        refuse: (code) => {
          if (this.#open.delete(request)) outbox.say(refuseServerRequest(message, code))
        },
      },
      NO_HEAD,
    )
  }

  /** The request that a `notifications/cancelled` of the server takes back, or null. It is closed then. */
  withdraw(cancellation: RpcMessage): OpenRequest | null {
    if (this.#open.size === 0) return null
    const token = cancelledRequest(cancellation)?.token
    const request = token === undefined ? null : this.#find(token)
    if (request !== null) this.#open.delete(request)
    return request
  }

  /** The server is gone. */
  clear(): void {
    this.#open.clear()
  }

  #answer(request: OpenRequest, answer: RpcMessage, sink: ChannelSink): void {
    // It had its answer before, or the server that asked has gone.
    if (!this.#open.delete(request)) {
      sink.onFailure(unasked())
      return
    }
    const bytes = answerDown(answer, request.message.id!)
    if (!this.#options.outbox.say(bytes, {onWritten: () => sink.onAccepted(NO_HEAD)})) sink.onFailure(backlog())
  }

  #find(id: string): OpenRequest | null {
    for (const request of this.#open) if (sameId(request.message.id!, id)) return request
    return null
  }
}

/** Nothing of it can be taken back. */
const WRITTEN = {cancel: () => {}, pause: () => {}, resume: () => {}}
