// The one failure taxonomy (design law 3): the same class, rung and code in doctor, logs, metrics, UI and error data.

/** Where on the way to a destination it broke, lowest first. */
export const RUNGS = [
  'route',
  'resolve',
  'connect',
  'proxy',
  'tls',
  'http',
  'auth',
  'scope',
  'mcp',
  'protocol',
  'timeout',
  'internal',
] as const
export type Rung = (typeof RUNGS)[number]

/** Who has to act. */
export type Who = 'you' | 'it' | 'service' | 'mcp_vendor'

/** What one failure class means. */
export interface FailureRow {
  readonly rung: Rung
  /** Where the class is known of both ends, who acts when it is the tunnel service: ask `whoActs`. Empty: nobody has to. */
  readonly who: readonly Who[]
  /** One plain sentence, without a full stop. */
  readonly title: string
}

const row = (rung: Rung, who: string, title: string): FailureRow => ({
  rung,
  who: who.split('/').filter(Boolean) as Who[],
  title,
})

/** All classes. The names are stable: they are metric labels and JSON values. */
export const FAILURES = {
  dns_not_found: row('resolve', 'you/it', 'no DNS server knows this name'),
  dns_no_address: row('resolve', 'you/it', 'the name exists but has no address'),
  dns_server_failed: row('resolve', 'it', 'the DNS server answered with a failure'),
  dns_server_down: row('resolve', 'it', 'nothing listens at the DNS server'),
  dns_timeout: row('resolve', 'it', 'the DNS server did not answer'),
  dns_views_differ: row('resolve', 'it', 'two resolvers of this host disagree'),

  refused: row('connect', 'you/it', 'nobody listens there, or a firewall rejects'),
  filtered: row('connect', 'it', 'a router or firewall refused the way'),
  host_absent: row('connect', 'you/it', 'no such machine on the local network'),
  no_route: row('connect', 'it', 'this host has no route there'),
  black_hole: row('connect', 'it', 'packets are dropped on the way'),
  reset: row('connect', 'it', 'the connection was accepted, then cut'),
  local_policy: row('connect', 'you/it', 'a policy of this host forbids the connection'),
  local_limit: row('connect', 'you', 'this host has no port, descriptor or process left'),
  socket_missing: row('connect', 'you', 'the unix socket does not exist'),
  socket_path_too_long: row('connect', 'you', 'the unix socket path is longer than the system allows'),
  socket_stale: row('connect', 'you', 'nobody listens at the unix socket'),
  socket_mode: row('connect', 'you', 'the unix socket may not be opened by this user'),

  untrusted_issuer: row('tls', 'it/service', 'the certificate was issued by nobody we trust'),
  self_signed: row('tls', 'you', 'the certificate is self-signed'),
  expired: row('tls', 'service/you', 'a certificate has expired'),
  not_yet_valid: row('tls', 'service/you', 'a certificate is not valid yet'),
  wrong_host: row('tls', 'service/you', 'the certificate is for other host names'),
  bad_chain: row('tls', 'service', 'the certificate chain is broken'),
  client_cert_wanted: row('tls', 'you', 'the server asks for a client certificate'),
  client_cert_refused: row('tls', 'you/service', 'the server refused our client certificate'),
  client_cert_unusable: row('tls', 'you', 'our client certificate or its key cannot be used'),
  tls_version: row('tls', 'service', 'no TLS version or cipher in common'),
  not_tls: row('tls', 'you', 'this port does not speak TLS'),
  tls_cut: row('tls', 'it', 'the connection was cut during the TLS handshake'),
  tls_silent: row('tls', 'it', 'no answer to the TLS handshake'),

  captive_portal: row('http', 'you/it', 'a sign-in page of the network answered instead'),
  wrong_base_url: row('http', 'you', 'this address is no tunnel service'),
  rate_limited: row('http', 'service', 'too many requests'),
  service_down: row('http', 'service', 'the service answers with a server error'),
  redirected: row('http', 'you', 'the server redirects, which is not followed'),
  unexpected_status: row('http', 'service', 'a status that fits no rule'),
  not_http: row('http', 'you', 'the answer is not HTTP'),
  invalid_request: row('http', 'you', 'the request cannot be written as HTTP'),
  undecodable: row('http', 'service', 'the answer cannot be decompressed'),
  closed: row('http', 'service/it', 'the connection ended before the answer was complete'),
  too_large: row('http', 'you/service', 'the message is larger than the limit'),

  key_invalid: row('auth', 'you', 'the key was refused'),
  tunnel_unknown: row('scope', 'you', 'the service does not know this tunnel'),
  use_forbidden: row('scope', 'you', 'the key may not use this tunnel'),
  key_principal: row('scope', 'you', 'the key belongs to nobody who may use tunnels'),
  org_missing: row('scope', 'you', 'an organization has to be named'),
  identity: row('scope', 'you/service', 'the service answered for another tunnel'),

  mcp_status: row('mcp', 'mcp_vendor', 'the MCP server answered with an error status'),
  mcp_path: row('mcp', 'you', 'nothing is at this path of the MCP server'),
  mcp_auth: row('mcp', 'you', 'the MCP server asks for authorization'),
  mcp_not_json: row('protocol', 'mcp_vendor', 'the answer is not a JSON-RPC message'),
  mcp_content_type: row('protocol', 'you/mcp_vendor', 'the answer has a content type that MCP does not know'),
  mcp_stream_ended: row('protocol', 'mcp_vendor', 'the event stream ended before the answer'),
  mcp_no_answer: row('protocol', 'mcp_vendor', 'the server accepted the call and answered nothing'),
  child_exited: row('mcp', 'mcp_vendor', 'the MCP server process ended'),
  child_missing: row('mcp', 'you', 'the MCP server program cannot be started'),
  child_silent: row('mcp', 'mcp_vendor', 'the MCP server process does not answer'),
  bad_command: row('protocol', 'service', 'a command of the service cannot be understood'),
  unsupported_channel: row('protocol', 'you', 'no such channel here'),
  queue_full: row('internal', 'you', 'more calls than this daemon may hold'),
  draining: row('internal', 'you', 'the daemon is stopping'),

  timeout_connect: row('timeout', 'it', 'connecting took too long'),
  timeout_http: row('timeout', 'service', 'the answer took too long'),
  deadline: row('timeout', 'mcp_vendor/you', 'the deadline of the call passed'),
  ttl: row('timeout', 'mcp_vendor/you', 'the call outlived mcp.connection-max-ttl'),
  listener_taken: row('internal', 'you', 'the health listener cannot be bound'),
  out_of_time: row('timeout', 'you', 'the time budget ended before this was known'),
  doctor_bug: row('internal', 'you', 'a defect of the doctor itself'),
  canceled: row('internal', '', 'the caller gave up'),
  internal: row('internal', 'you', 'a defect of tunnel-client'),
} as const satisfies Record<string, FailureRow>

/** Name of a class. */
export type FailureClass = keyof typeof FAILURES

/** The stable code of a class, for example `TC-TLS-EXPIRED`. */
export function failureCode(failure: FailureClass): string {
  const name = failure.replace(/^tls_(?=version|cut|silent)/, '').replace(/^(dns|mcp|timeout)_/, '')
  return `TC-${FAILURES[failure].rung}-${name}`.toUpperCase().replaceAll('_', '-')
}

/**
 * What a user can run to read about an anchor of {@link failureDocs}: an installed program has no docs folder at hand. Text
 * of any other form, which a daemon of another version may send, stays as it is.
 */
export function docsCommand(docs: string): string {
  const code = /^docs\/\w+\.md#(tc-[a-z0-9-]+)$/.exec(docs)?.[1]
  return code === undefined ? docs : `tunnel-client help ${code.toUpperCase()}`
}

/** Anchor of a class in docs/failures.md. */
export function failureDocs(failure: FailureClass): string {
  return `docs/failures.md#${failureCode(failure).toLowerCase()}`
}
