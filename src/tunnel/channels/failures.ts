// Names the failures of a call once: class of the product's taxonomy, source and kind of the wire's `tunnel_failure`.

import {FAILURES, type FailureClass, type Rung} from '../../foundation/errors/index.ts'
import type {HttpFailure} from '../../foundation/platform/index.ts'
import type {TunnelFailureKind, TunnelFailureSource} from '../../foundation/wire/index.ts'
import type {ChannelFailure} from './channel.ts'

type WireName = readonly [TunnelFailureSource, TunnelFailureKind | null]

/** Where the class says more than its rung. */
const BY_CLASS: Partial<Record<FailureClass, WireName>> = {
  refused: ['connect', 'connection_refused'],
  socket_stale: ['connect', 'connection_refused'],
  filtered: ['connect', 'host_unreachable'],
  host_absent: ['connect', 'host_unreachable'],
  no_route: ['connect', 'network_unreachable'],
  black_hole: ['timeout', 'timeout'],
  reset: ['transport_closed', 'connection_reset'],
  closed: ['transport_closed', 'unexpected_eof'],
  too_large: ['protocol', 'response_body_too_large'],
  invalid_request: ['client_internal', 'unknown'],
  not_http: ['protocol', 'non_protocol_response'],
  undecodable: ['protocol', 'response_body_unreadable'],
  mcp_not_json: ['protocol', 'malformed_json'],
  mcp_content_type: ['protocol', 'non_protocol_response'],
  mcp_no_answer: ['protocol', 'response_body_missing'],
  mcp_stream_ended: ['transport_closed', 'unexpected_eof'],
  child_exited: ['transport_closed', 'eof'],
  child_missing: ['connect', 'dial'],
  child_silent: ['timeout', 'timeout'],
  bad_command: ['client_internal', 'unknown'],
  canceled: ['client_internal', null],
}

const BY_RUNG: Record<Rung, WireName> = {
  route: ['connect', 'dial'],
  resolve: ['dns', 'dns'],
  connect: ['connect', 'dial'],
  proxy: ['connect', 'dial'],
  tls: ['tls', 'tls'],
  http: ['protocol', 'invalid_protocol_response'],
  auth: ['target_http', 'http_status'],
  scope: ['target_http', 'http_status'],
  mcp: ['target_http', 'http_status'],
  protocol: ['protocol', 'invalid_protocol_response'],
  timeout: ['timeout', 'timeout'],
  internal: ['client_internal', 'unknown'],
}

/** Builds a {@link ChannelFailure}; what is not given follows from the class. Status 502, or 504 when time ran out. */
export function channelFailure(
  given: Pick<ChannelFailure, 'failure' | 'message'> & Partial<ChannelFailure>,
): ChannelFailure {
  const [source, kind] = BY_CLASS[given.failure] ?? BY_RUNG[FAILURES[given.failure].rung]
  return {
    source,
    kind,
    status: source === 'timeout' ? 504 : 502,
    upstreamResponded: false,
    headers: [],
    ...given,
  }
}

/** What the system said of a connection that was lost, in the words of the wire. */
const BY_ERRNO: Readonly<Record<string, TunnelFailureKind>> = {
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_aborted',
  EPIPE: 'closed_pipe',
}

/** How exactly a connection was lost under a reply; undefined: nobody said. */
export const lossKind = ({errno}: HttpFailure): TunnelFailureKind | undefined =>
  errno === undefined ? undefined : BY_ERRNO[errno]

/** A failure of the HTTP door, as one of a call. */
export function httpFailure(cause: HttpFailure): ChannelFailure {
  const kind = cause.failure === 'closed' ? lossKind(cause) : undefined
  return channelFailure({
    failure: cause.failure,
    message: cause.message,
    ...(kind === undefined ? {} : {kind}),
    ...(cause.failure === 'invalid_request' ? {status: 400} : {}),
  })
}
