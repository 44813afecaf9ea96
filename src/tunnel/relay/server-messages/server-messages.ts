// What an MCP server says before it answers: notifications and requests of its own go up in order, each an answer of type
// jsonrpc_notify. Made with the first of them, because most calls have none.

import type {Instant} from '../../../foundation/platform/index.ts'
import {encodeResponse, headerOf, responseHeaders, withHeader} from '../../../foundation/wire/index.ts'
import type {ServerRequest, UpstreamHead} from '../../channels/index.ts'
import type {Recipient} from '../answers/answer.ts'
import {commandAttrs} from '../answers/command-log.ts'
import type {Core} from '../core.ts'
import {Outbox} from './outbox.ts'
import {ServerRequests, type Waiting} from './server-requests.ts'

/** Time that a terminal answer needs at its end, in milliseconds. */
const TERMINAL_RESERVE_MS = 10_000

/**
 * When superseded progress is dropped for a terminal answer that waits behind it since `now`: shortly before its deadline, or
 * after half of its time where that is later. Until then everything is delivered, however slow the control plane is.
 */
export const thinOutAt = (now: Instant, deadline: Instant): Instant =>
  Math.max(deadline - TERMINAL_RESERVE_MS, (now + deadline) / 2)

/** What {@link ServerMessages} needs. */
export interface ServerMessagesOptions {
  readonly core: Core
  readonly to: Recipient
  /** MCP session id of the caller, empty without one: for the log. */
  readonly session: string
  /** Status and headers of the upstream answer that carries the messages. */
  readonly head: UpstreamHead
  /** Where the call waits while the server's requests are open. */
  readonly waiting: Waiting
  /** The source should pause (true) or may go on. */
  readonly onPressure: (high: boolean) => void
  /** Nobody waits for the call any more. */
  readonly onGone: () => void
}

/** The messages of one call or session stream. */
export class ServerMessages {
  readonly #options: ServerMessagesOptions
  readonly #outbox: Outbox
  #requests: ServerRequests | null = null

  constructor(options: ServerMessagesOptions) {
    this.#options = options
    this.#outbox = outboxOf(options)
  }

  notification(raw: Buffer): void {
    this.#requests?.heard(raw)
    this.#outbox.push(raw)
  }

  request(request: ServerRequest): void {
    const {core, to, session, waiting} = this.#options
    this.#requests ??= new ServerRequests({
      waiting,
      upward: this.#outbox,
      log: core.log,
      attrs: () => commandAttrs(to, session),
    })
    this.#requests.take(request)
  }

  /** The server waits for an answer of the caller. */
  get isAsking(): boolean {
    return this.#requests !== null && this.#requests.size > 0
  }

  /** What the server asked under this id: see {@link ServerRequests.answered}. */
  answered(id: string): ServerRequest | 'settled' | null {
    return this.#requests?.answered(id) ?? null
  }

  /** The call is over for the server: what it has asked is refused. */
  endRequests(): void {
    this.#requests?.end()
  }

  /** Everything has left. */
  get idle(): boolean {
    return this.#outbox.idle
  }

  /** Calls `next` when everything has left. */
  finish(next: () => void): void {
    this.#outbox.finish(next)
  }

  /** Drops progress that newer progress of the same token has overtaken. */
  thinOut(): void {
    this.#outbox.thinOut()
  }

  /** Sends nothing more. */
  abort(): void {
    this.#outbox.abort()
  }
}

function outboxOf({core, to, session, head, onPressure, onGone}: ServerMessagesOptions): Outbox {
  const {client, log, emit, totals} = core
  const {requestId, channel, shardToken, clientRequestId, deadline} = to
  const allowed = responseHeaders(head.headers)
  const headers =
    headerOf(allowed, 'content-type') === null ? withHeader(allowed, 'Content-Type', 'text/event-stream') : allowed
  const status = head.status || 200
  const type = 'jsonrpc_notify'
  return new Outbox({
    post: (payload, done) => {
      const body = encodeResponse({requestId, channel, payload, headers, status, type})
      return client.respond({requestId, body, type, shardToken, clientRequestId, deadline}, (outcome) => {
        const what = outcome.kind === 'delivered' && outcome.unknown ? 'unknown' : outcome.kind
        emit({type: 'response_posted', responseType: type, outcome: what, attempts: outcome.attempts})
        done(outcome)
      })
    },
    onFailure: (outcome) => {
      if (outcome.kind === 'aborted') {
        log.warn('context canceled while forwarding notification to control plane', commandAttrs(to, session))
        return
      }
      const error = 'failure' in outcome ? outcome.failure.message : outcome.kind
      log.error('failed to forward notification to control plane; continuing to terminal response', {
        ...commandAttrs(to, session),
        error,
      })
    },
    onDropped: (count) => {
      totals.notificationsDropped += count
      emit({type: 'notifications_dropped', channel, count})
      log.warn('notifications dropped: the control plane takes them more slowly than the MCP server sends', {
        ...commandAttrs(to, session),
        count,
      })
    },
    onPressure,
    onGone,
  })
}
