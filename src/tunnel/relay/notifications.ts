// The notifications of one call, as answers of type jsonrpc_notify: how they are labelled, posted and accounted for.

import {encodeResponse, headerOf, responseHeaders, withHeader} from '../../foundation/wire/index.ts'
import type {UpstreamHead} from '../channels/index.ts'
import type {Recipient} from './answers.ts'
import type {Core} from './deliver.ts'
import {Outbox} from './outbox.ts'

/** What {@link notificationsOf} needs. */
export interface NotificationsOptions {
  readonly core: Core
  readonly to: Recipient
  /** Status and headers of the upstream answer that carries the notifications. */
  readonly head: UpstreamHead
  /** Log attributes of the call. */
  readonly attrs: () => Record<string, unknown>
  /** The source should pause (true) or may go on. */
  readonly onPressure: (high: boolean) => void
  /** Nobody waits for the call any more. */
  readonly onGone: () => void
}

/** An outbox that posts for this call. */
export function notificationsOf({core, to, head, attrs, onPressure, onGone}: NotificationsOptions): Outbox {
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
        log.warn('context canceled while forwarding notification to control plane', attrs())
        return
      }
      const error = 'failure' in outcome ? outcome.failure.message : outcome.kind
      log.error('failed to forward notification to control plane; continuing to terminal response', {...attrs(), error})
    },
    onDropped: (count) => {
      totals.notificationsDropped += count
      emit({type: 'notifications_dropped', channel, count})
      log.warn('notifications dropped: the control plane takes them more slowly than the MCP server sends', {
        ...attrs(),
        count,
      })
    },
    onPressure,
    onGone,
  })
}
