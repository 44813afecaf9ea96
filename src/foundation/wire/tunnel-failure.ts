// The vocabulary of `error.data.tunnel_failure`: how a failed call is named on the wire (a contract of the reference).

/** Who or what broke. */
export type TunnelFailureSource =
  | 'target_http'
  | 'protocol'
  | 'transport_closed'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'connect'
  | 'client_internal'

/** `transport_error_kind`, finer than the source. */
export type TunnelFailureKind =
  | 'http_status'
  | 'response_body_missing'
  | 'response_body_unreadable'
  | 'response_body_too_large'
  | 'malformed_json'
  | 'invalid_mcp_error'
  | 'non_protocol_response'
  | 'invalid_protocol_response'
  | 'closed_pipe'
  | 'eof'
  | 'unexpected_eof'
  | 'connection_closed'
  | 'connection_reset'
  | 'connection_aborted'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'connection_refused'
  | 'network_unreachable'
  | 'host_unreachable'
  | 'dial'
  | 'unknown'
