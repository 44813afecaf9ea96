// Who can act on each way of breaking, and what to do next, where nothing but the class is known. `doctor` knows names and
// addresses and says more; this is what a trace, a state page, a log line and the documentation can say. A connection breaks
// alike at both ends of this daemon, but it is somebody else's turn.

import {FAILURES, type FailureClass, type Rung, type Who} from './failure.ts'

/** What was to be reached: the tunnel service, or the MCP server of a channel. */
export type FarEnd = 'service' | 'mcp'

/** Rungs that lie on the way to either end, and what else can go wrong with any HTTP server. */
const SHARED_RUNGS: readonly Rung[] = ['route', 'resolve', 'connect', 'proxy', 'tls']
const SHARED_CLASSES: readonly FailureClass[] = [
  'redirected',
  'not_http',
  'invalid_request',
  'undecodable',
  'closed',
  'too_large',
  'timeout_connect',
  'timeout_http',
]

/** True when a class is known of both ends. */
export const isOfBothEnds = (failure: FailureClass): boolean =>
  SHARED_RUNGS.includes(FAILURES[failure].rung) || SHARED_CLASSES.includes(failure)

/** Where it is not only somebody else at the MCP server's end, but others. */
const WHO_AT_MCP: Readonly<Partial<Record<FailureClass, readonly Who[]>>> = {
  refused: ['you', 'it'],
  reset: ['mcp_vendor', 'it'],
  too_large: ['you', 'mcp_vendor'],
}

/** Who can act; empty: nobody has to. What an MCP server does is never the service's business. */
export function whoActs(failure: FailureClass, end: FarEnd): readonly Who[] {
  const {who} = FAILURES[failure]
  if (end === 'service' || !isOfBothEnds(failure)) return who
  return WHO_AT_MCP[failure] ?? who.map((one) => (one === 'service' ? 'mcp_vendor' : one))
}

const OUTAGE = 'wait if the service is being restarted, else run tunnel-client doctor --explain'
const CUT = 'wait if the service is being restarted, else tell who can act what tunnel-client doctor --explain shows'
const OPEN = 'have the way there opened: tunnel-client doctor names the address'
const TLS_OPEN = 'have TLS let through on the way there: tunnel-client doctor names the address'
const DNS = 'have the DNS server looked at: tunnel-client doctor names it'
const MCP_LOG = 'look at the log of the MCP server for this moment'

/** One step each; where the ends differ, one for each end. */
const NEXT: Readonly<Record<FailureClass, string | Readonly<Record<FarEnd, string>>>> = {
  dns_not_found: 'correct the name, or connect the VPN that knows it: tunnel-client doctor shows the name',
  dns_no_address: 'correct the name, or have an address given to it: tunnel-client doctor shows the name',
  dns_server_failed: DNS,
  dns_server_down: DNS,
  dns_timeout: DNS,
  dns_views_differ: 'have the DNS servers of this host agree: tunnel-client doctor shows the name',

  refused: {service: OUTAGE, mcp: 'start the MCP server, or correct its address'},
  filtered: OPEN,
  host_absent: 'start that machine, or correct the address: tunnel-client doctor shows it',
  no_route: OPEN,
  black_hole: OPEN,
  reset: {
    service: CUT,
    mcp: 'look at the log of the MCP server, and at what stands before it: the connection was cut during the call',
  },
  local_policy: 'allow the connection in the firewall of this host: tunnel-client doctor names the address',
  local_limit: 'raise ulimit -n (descriptors) or ulimit -u (processes), or close other programs',
  socket_missing: 'start the program that serves the socket, or correct its path',
  socket_path_too_long: 'use a shorter path for the socket',
  socket_stale: 'start the program that serves the socket: what is there is left over from an earlier run',
  socket_mode: 'let the user of this daemon open the socket',

  untrusted_issuer: 'ask for the certificate of its authority, and give it with --ca-bundle FILE',
  self_signed: 'give that certificate with --ca-bundle FILE',
  expired: 'have the certificate renewed, and check the clock of this host',
  not_yet_valid: 'check the clock of this host, then have the certificate looked at',
  wrong_host: 'have a certificate made for this name, or write one of its names into the configuration',
  bad_chain: 'have the chain of certificates mended: tunnel-client doctor names the address',
  client_cert_wanted: 'give a client certificate in the configuration',
  client_cert_refused: 'check which authority is expected to have issued client certificates',
  client_cert_unusable: 'check the files of the client certificate and of its key',
  tls_version: 'have TLS 1.2 or newer offered there',
  not_tls: 'write http:// into the address, or take the port that speaks TLS',
  tls_cut: TLS_OPEN,
  tls_silent: TLS_OPEN,

  captive_portal: 'sign in to this network in a browser',
  wrong_base_url: 'correct the address of the tunnel service in control-plane.base-url',
  rate_limited: 'wait; ask whoever runs the service for more when it happens often',
  service_down: 'wait; tell whoever runs the service when it goes on',
  redirected: {
    service: 'put the final address of the service into control-plane.base-url',
    mcp: 'put the final address of the MCP server into the configuration',
  },
  unexpected_status: 'run tunnel-client doctor --explain, and tell whoever runs the service what it shows',
  not_http: 'correct the address: no HTTP server is there',
  invalid_request: {
    service: 'look at control-plane.extra-headers: one of them cannot be written as HTTP',
    mcp: 'look at the headers that the caller sent and at mcp.extra-headers: one of them cannot be written as HTTP',
  },
  undecodable: {
    service: 'tell whoever runs the service: its Content-Encoding cannot be undone',
    mcp: 'look at the Content-Encoding that the MCP server sends, or what stands before it',
  },
  closed: {
    service: CUT,
    mcp: 'look at the log of the MCP server, and at what stands before it: it hung up before its answer was complete',
  },
  too_large: {
    service: 'ask for less: the service, or this daemon, takes no message of this size',
    mcp: 'ask for less, or let the tool answer with a reference instead of the content',
  },

  key_invalid: 'give the runtime key of this tunnel and start again',
  tunnel_unknown: 'correct the tunnel id, or create the tunnel',
  use_forbidden: 'use a key that may use this tunnel, or grant it Use',
  key_principal: 'use the key of somebody who may use tunnels',
  org_missing: 'name the organization of the tunnel with control-plane.organization-id',
  identity: 'check that this is the address of your service, then tell whoever runs it',

  mcp_status: MCP_LOG,
  mcp_path: 'correct the path of the URL: most MCP servers answer at /mcp',
  mcp_auth: 'let the caller authorize, or give the server a token with mcp.extra-headers',
  mcp_not_json: MCP_LOG,
  mcp_content_type: 'check the URL: something other than an MCP endpoint answers there',
  mcp_stream_ended: `${MCP_LOG}; check what stands before it for a limit on long answers`,
  mcp_no_answer: 'tell whoever makes the MCP server: a call was taken and not answered',
  child_exited: 'look at the last lines of its stderr: /api/state of this daemon keeps them',
  child_missing: 'correct the command of the MCP server',
  child_silent:
    'look at what the MCP server waits for: /api/state of this daemon keeps the last lines of its stderr; a program that holds its answers back has to flush them (Python: PYTHONUNBUFFERED=1)',
  bad_command: 'report it, with the id of the call, to whoever runs the service',
  unsupported_channel: 'bind this channel, or correct its name in the product that calls',
  queue_full: 'raise control-plane.max-inflight, or find out what holds the running calls',
  draining: 'see that a daemon runs for this tunnel, then call again',

  timeout_connect: OPEN,
  timeout_http: {
    service: CUT,
    mcp: 'look at what the MCP server waits for: it took the request and did not answer',
  },
  deadline: 'make what took the time faster (tunnel-client trace names it), or let the caller wait longer',
  ttl: 'let the tool answer sooner, or raise mcp.connection-max-ttl',
  listener_taken: 'end what holds the address, or give another with --health.listen-addr',
  out_of_time: 'run tunnel-client doctor again with a longer --timeout',
  doctor_bug: 'report it with the output of tunnel-client doctor --json',
  canceled: 'nothing: the caller took the call back',
  internal: 'look at the log of this daemon, and report it',
}

/** One step, without a full stop. */
export function failureNext(failure: FailureClass, end: FarEnd): string {
  const next = NEXT[failure]
  return typeof next === 'string' ? next : next[end]
}
