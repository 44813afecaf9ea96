// From our failure classes to the vocabulary of `tunnel_failure`, in one table, so that every room names a cause alike.

import {FAILURES, type FailureClass, type Rung} from '../errors/index.ts'
import type {TunnelFailureKind, TunnelFailureSource} from './tunnel-failure.ts'

/** How the wire names a failure. */
export interface WireFailure {
  readonly source: TunnelFailureSource
  /** Null: no kind applies. */
  readonly kind: TunnelFailureKind | null
  /** The status to report when no upstream status exists. */
  readonly status: number
}

type Row = readonly [TunnelFailureSource, TunnelFailureKind | null, number?]

/** What the rung of a class alone says. Classes that mean something finer have a row below. */
const BY_RUNG: Readonly<Record<Rung, Row>> = {
  route: ['connect', 'dial'],
  resolve: ['dns', 'dns'],
  connect: ['connect', 'dial'],
  proxy: ['connect', 'dial'],
  tls: ['tls', 'tls'],
  http: ['protocol', 'non_protocol_response'],
  auth: ['target_http', 'http_status'],
  scope: ['target_http', 'http_status'],
  mcp: ['target_http', 'http_status'],
  protocol: ['protocol', 'invalid_protocol_response'],
  timeout: ['timeout', 'timeout', 504],
  internal: ['client_internal', 'unknown'],
}

const BY_CLASS: Readonly<Partial<Record<FailureClass, Row>>> = {
  refused: ['connect', 'connection_refused'],
  socket_stale: ['connect', 'connection_refused'],
  filtered: ['connect', 'host_unreachable'],
  no_route: ['connect', 'network_unreachable'],
  host_absent: ['connect', 'host_unreachable'],
  black_hole: ['timeout', 'timeout', 504],
  tls_silent: ['timeout', 'timeout', 504],
  reset: ['transport_closed', 'connection_reset'],
  closed: ['transport_closed', 'unexpected_eof'],
  rate_limited: ['target_http', 'http_status'],
  service_down: ['target_http', 'http_status'],
  invalid_request: ['client_internal', 'unknown', 400],
  undecodable: ['protocol', 'response_body_unreadable'],
  too_large: ['protocol', 'response_body_too_large'],
  identity: ['protocol', 'invalid_protocol_response'],
  mcp_not_json: ['protocol', 'malformed_json'],
  mcp_content_type: ['protocol', 'non_protocol_response'],
  mcp_stream_ended: ['transport_closed', 'unexpected_eof'],
  mcp_no_answer: ['protocol', 'response_body_missing'],
  child_exited: ['transport_closed', 'eof'],
  child_missing: ['transport_closed', 'closed_pipe'],
  child_silent: ['timeout', 'timeout', 504],
  bad_command: ['client_internal', 'unknown', 400],
  unsupported_channel: ['client_internal', 'unknown', 400],
  queue_full: ['client_internal', 'unknown', 503],
  draining: ['client_internal', 'unknown', 503],
  canceled: ['client_internal', null, 503],
}

/** Source, kind and default status (502 unless the class says otherwise) of a failure class. */
export function wireFailure(failure: FailureClass): WireFailure {
  const [source, kind, status] = BY_CLASS[failure] ?? BY_RUNG[FAILURES[failure].rung]
  return {source, kind, status: status ?? 502}
}
