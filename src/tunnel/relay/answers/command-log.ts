// The lines that the log has about commands: words and attributes that people's searches already match.

import {FAILURES, failureCode, type Rung} from '../../../foundation/errors/index.ts'
import {type LogAttrs, redactValues} from '../../../foundation/platform/index.ts'
import type {ChannelFailure} from '../../channels/index.ts'
import type {Core} from '../core.ts'
import type {Recipient} from './answer.ts'

/** The reference's line for a command whose time is over. */
export function logDeadline(core: Core, to: Recipient): void {
  core.log.info('command response deadline reached; dropping without posting a response', {
    request_id: to.requestId,
    channel: to.channel,
  })
}

/** What every record about a command carries. */
export function commandAttrs(to: Recipient, session: string): LogAttrs {
  const {requestId, channel, clientRequestId, method, rpcId} = to
  return {
    request_id: requestId,
    ...(clientRequestId === null ? {} : {cmd_request_id: clientRequestId}),
    channel,
    ...(session === '' ? {} : {session_id: session}),
    ...(method === null ? {} : {rpc_method: method}),
    // The token without its quotes: nobody searches for them.
    ...(rpcId === null ? {} : {rpc_request_id: rpcId.startsWith('"') ? JSON.parse(rpcId) : rpcId}),
  }
}

/** On these rungs no call was under way yet: the request itself failed. */
const BEFORE_THE_ANSWER: readonly Rung[] = ['route', 'resolve', 'connect', 'proxy', 'tls', 'http', 'auth', 'mcp']

/** Longer error texts are cut by the log, too. */
const MAX_ERROR = 8192
/** Names of headers that carry credentials of a caller. */
const CREDENTIAL = /authorization|cookie|token|secret|key|credential|password/i

/** What a caller is trusted by: an MCP server may quote it in its error. */
export function credentialsOf(headers: readonly string[], shardToken: string): string[] {
  return [shardToken, ...headers.filter((_, at) => at % 2 === 1 && CREDENTIAL.test(headers[at - 1]!))]
}

/**
 * The reference's line for a call that got an error instead of an answer. `credentials`: those of the caller, see
 * {@link credentialsOf}.
 */
export function logFailure(
  core: Core,
  attrs: LogAttrs,
  {failure, credentials}: {readonly failure: ChannelFailure; readonly credentials: readonly string[]},
): void {
  const upstream = failure.upstreamResponded || BEFORE_THE_ANSWER.includes(FAILURES[failure.failure].rung)
  const text = upstream
    ? 'dispatcher received MCP upstream error; posted error response to control plane'
    : 'dispatcher posted terminal downstream error response to control plane'
  core.log.warn(text, {
    ...attrs,
    failure_class: failure.failure,
    rung: FAILURES[failure.failure].rung,
    code: failureCode(failure.failure),
    failure_source: failure.source,
    transport_error_kind: failure.kind,
    upstream_response_received: failure.upstreamResponded,
    status_code: failure.status,
    ...(failure.upstreamResponded ? {upstream_status: failure.status} : {}),
    error: redactValues(failure.message.slice(0, MAX_ERROR), credentials),
  })
}
