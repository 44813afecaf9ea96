// From our failure classes to the vocabulary of `tunnel_failure`, in one table, so that every room names a cause alike.

import type {FailureClass} from '../errors/index.ts'
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

const ROWS: Readonly<Record<FailureClass, Row>> = {
  dns_not_found: ['dns', 'dns'],
  dns_no_address: ['dns', 'dns'],
  dns_server_failed: ['dns', 'dns'],
  dns_server_down: ['dns', 'dns'],
  dns_timeout: ['dns', 'dns'],
  dns_views_differ: ['dns', 'dns'],
  refused: ['connect', 'connection_refused'],
  filtered: ['connect', 'network_unreachable'],
  host_absent: ['connect', 'host_unreachable'],
  no_route: ['connect', 'network_unreachable'],
  black_hole: ['timeout', 'timeout', 504],
  reset: ['transport_closed', 'connection_reset'],
  local_policy: ['connect', 'dial'],
  local_limit: ['connect', 'dial'],
  socket_missing: ['connect', 'dial'],
  socket_path_too_long: ['connect', 'dial'],
  socket_stale: ['connect', 'connection_refused'],
  socket_mode: ['connect', 'dial'],
  untrusted_issuer: ['tls', 'tls'],
  self_signed: ['tls', 'tls'],
  expired: ['tls', 'tls'],
  not_yet_valid: ['tls', 'tls'],
  wrong_host: ['tls', 'tls'],
  bad_chain: ['tls', 'tls'],
  client_cert_wanted: ['tls', 'tls'],
  client_cert_refused: ['tls', 'tls'],
  tls_version: ['tls', 'tls'],
  not_tls: ['tls', 'tls'],
  tls_cut: ['tls', 'tls'],
  tls_silent: ['timeout', 'timeout', 504],
  captive_portal: ['protocol', 'non_protocol_response'],
  wrong_base_url: ['protocol', 'non_protocol_response'],
  rate_limited: ['target_http', 'http_status'],
  service_down: ['target_http', 'http_status'],
  redirected: ['protocol', 'non_protocol_response'],
  unexpected_status: ['protocol', 'non_protocol_response'],
  closed: ['transport_closed', 'unexpected_eof'],
  not_http: ['protocol', 'non_protocol_response'],
  invalid_request: ['protocol', null, 400],
  undecodable: ['protocol', 'response_body_unreadable'],
  too_large: ['protocol', 'response_body_too_large'],
  key_invalid: ['target_http', 'http_status'],
  tunnel_unknown: ['target_http', 'http_status'],
  use_forbidden: ['target_http', 'http_status'],
  org_missing: ['target_http', 'http_status'],
  identity: ['protocol', 'invalid_protocol_response'],
  mcp_status: ['target_http', 'http_status'],
  mcp_auth: ['target_http', 'http_status'],
  mcp_not_json: ['protocol', 'malformed_json'],
  mcp_content_type: ['protocol', 'non_protocol_response'],
  mcp_stream_ended: ['transport_closed', 'unexpected_eof'],
  mcp_no_answer: ['protocol', 'response_body_missing'],
  child_exited: ['transport_closed', 'eof'],
  child_missing: ['transport_closed', 'closed_pipe'],
  child_silent: ['timeout', 'timeout', 504],
  bad_command: ['protocol', null, 400],
  unsupported_channel: ['protocol', null, 400],
  queue_full: ['client_internal', null, 503],
  draining: ['client_internal', null, 503],
  timeout_connect: ['timeout', 'timeout', 504],
  timeout_http: ['timeout', 'timeout', 504],
  deadline: ['timeout', 'timeout', 504],
  ttl: ['timeout', 'timeout', 504],
  canceled: ['client_internal', null, 503],
  internal: ['client_internal', 'unknown'],
}

/** Source, kind and default status (502 unless the class says otherwise) of a failure class. */
export function wireFailure(failure: FailureClass): WireFailure {
  const [source, kind, status] = ROWS[failure]
  return {source, kind, status: status ?? 502}
}
