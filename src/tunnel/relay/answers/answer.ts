// The terminal answers that commands can get, before they are encoded: the server's own, or one made on this side.

import {FAILURES, type FailureClass} from '../../../foundation/errors/index.ts'
import type {Instant} from '../../../foundation/platform/index.ts'
import {
  type AnsweredCommand,
  classData,
  failureError,
  headerOf,
  oauthError,
  type ResponseType,
  responseHeaders,
  rpcError,
  unsupportedChannelOAuth,
  unsupportedChannelRpc,
  wireFailure,
  withHeader,
} from '../../../foundation/wire/index.ts'
import type {ChannelFailure, UpstreamHead} from '../../channels/index.ts'
import type {CallRecord} from '../trace/call-record.ts'
import type {RequestKind} from '../types.ts'

/** Whom an answer goes to, and what metrics call it. */
export interface Recipient {
  readonly requestId: string
  readonly shardToken: string
  readonly channel: string
  readonly clientRequestId: string | null
  readonly deadline: Instant | null
  readonly kind: RequestKind
  readonly method: string | null
  readonly receivedAt: Instant
  readonly createdAt: number | null
  /** The id token of the call, for errors made here. */
  readonly rpcId: string | null
  /** What is remembered of it. */
  readonly trace: CallRecord
}

/** A terminal answer before it is encoded. */
export interface Answer {
  readonly type: ResponseType
  readonly status: number
  readonly headers: readonly string[]
  readonly payload: Buffer | null
  readonly failure: FailureClass | null
}

/** Headers of an answer made here. */
export const JSON_CONTENT: readonly string[] = ['Content-Type', 'application/json']

/** What metrics call a command. */
export function kindOf(command: AnsweredCommand): RequestKind {
  // A stream is acknowledged when it ends, as notifications are.
  if (command.type === 'session_stream') return 'notification'
  if (command.type !== 'jsonrpc') return command.type
  return command.message.kind === 'request' ? 'call' : 'notification'
}

/** The recipient that a command is. */
export function recipientOf(command: AnsweredCommand, trace: CallRecord): Recipient {
  const message = command.type === 'jsonrpc' ? command.message : null
  return {
    requestId: command.requestId,
    shardToken: command.shardToken,
    channel: command.channel,
    clientRequestId: headerOf(command.headers, 'x-request-id'),
    deadline: command.deadline,
    kind: trace.kind,
    method: message === null ? null : message.method,
    receivedAt: command.receivedAt,
    createdAt: command.createdAt,
    rpcId: message === null || message.kind !== 'request' ? null : message.id,
    trace,
  }
}

/** The answer of the command's own kind that tells a failure made on this side. */
export function failureAnswer(to: Recipient, failure: FailureClass, status = wireFailure(failure).status): Answer {
  if (to.kind === 'session_termination') {
    return {type: 'session_termination_response', status, headers: [], payload: null, failure}
  }
  if (to.kind === 'notification') return {type: 'notify_ack', status, headers: [], payload: null, failure}
  if (to.kind === 'oauth_discovery') {
    const payload = oauthError(failure, `this client cannot answer: ${FAILURES[failure].title}`)
    return {type: 'oauth_discovery_response', status, headers: JSON_CONTENT, payload, failure}
  }
  const {source, kind} = wireFailure(failure)
  const payload = failureError({id: to.rpcId, status, failure, source, kind, upstreamResponded: false})
  return {type: 'jsonrpc_response', status, headers: JSON_CONTENT, payload, failure}
}

/** The terminal answer for a failed command. */
export function failureToAnswer(to: Recipient, failure: ChannelFailure): Answer {
  const upstream = responseHeaders(failure.headers)
  const {status} = failure
  if (to.kind !== 'call') {
    return {type: 'notify_ack', status, headers: upstream, payload: null, failure: failure.failure}
  }
  const contentType = headerOf(upstream, 'content-type')
  const isStream = contentType !== null && /^text\/event-stream/i.test(contentType)
  if (failure.preserved) {
    const headers = withHeader(upstream, 'Content-Type', 'application/json')
    return {type: 'jsonrpc_response', status, headers, payload: failure.preserved, failure: failure.failure}
  }
  // The service goes on with a stream that broke. What answers a refusal is JSON, whatever the server sent with it.
  const keep = isStream && !failure.upstreamResponded
  return {
    type: 'jsonrpc_response',
    status,
    headers: keep ? upstream : withHeader(upstream, 'Content-Type', 'application/json'),
    payload: failureError({
      id: to.rpcId,
      status,
      failure: failure.failure,
      source: failure.source,
      kind: failure.kind,
      upstreamResponded: failure.upstreamResponded,
      body: failure.body,
    }),
    failure: failure.failure,
  }
}

/** The server's own answer to a call. */
export const responseAnswer = (raw: Buffer, head: UpstreamHead): Answer => ({
  type: 'jsonrpc_response',
  status: head.status || 200,
  headers: finalHeaders(head),
  payload: raw,
  failure: null,
})

/** Says that a notification, an answer or a stream was taken, and with which status. */
export const acknowledgement = (status: number, headers: readonly string[] = []): Answer => ({
  type: 'notify_ack',
  status,
  headers,
  payload: null,
  failure: null,
})

/** The answer of its own kind to a command that cannot be run here. */
export function refusal(kind: 'call' | 'session_termination' | 'oauth_discovery', payload: Buffer | null): Answer {
  const failure = 'bad_command' as const
  if (kind === 'session_termination') {
    return {type: 'session_termination_response', status: 400, headers: [], payload: null, failure}
  }
  const type = kind === 'oauth_discovery' ? 'oauth_discovery_response' : 'jsonrpc_response'
  return {type, status: 400, headers: [], payload, failure}
}

/** The answer to a command for a channel that is not here. */
export function unsupported(command: AnsweredCommand, {rpcId}: Recipient): Answer {
  const failure = 'unsupported_channel' as const
  const {type, channel} = command
  const ack = (status: number): Answer => ({type: 'notify_ack', status, headers: [], payload: null, failure})
  switch (type) {
    case 'jsonrpc':
      if (command.message.kind === 'response') return ack(400)
      return {...refusal('call', unsupportedChannelRpc(rpcId, channel)), failure}
    case 'session_stream':
      return ack(405)
    case 'oauth_discovery':
      return {...refusal(type, unsupportedChannelOAuth(channel)), failure}
    case 'session_termination':
      return {...refusal(type, null), failure}
  }
}

const REQUEST_CANCELLED = -32800

/** What a call gets whose caller has cancelled it, when the server says nothing. */
export const cancelledAnswer = (to: Recipient): Answer => ({
  type: 'jsonrpc_response',
  status: 200,
  headers: JSON_CONTENT,
  payload: rpcError({
    id: to.rpcId,
    code: REQUEST_CANCELLED,
    message: 'Request cancelled',
    data: classData('canceled'),
  }),
  failure: 'canceled',
})

/** The headers of a final answer: an event stream keeps its label, everything else is called JSON. */
function finalHeaders(head: UpstreamHead): string[] {
  const headers = responseHeaders(head.headers)
  if (/^text\/event-stream/i.test(headerOf(headers, 'content-type') ?? '')) return headers
  return withHeader(headers, 'Content-Type', 'application/json')
}
