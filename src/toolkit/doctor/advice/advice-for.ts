// One short next step for each way of breaking, with the names that belong to the case.

import {type FailureClass, failureNext} from '../../../foundation/errors/index.ts'
import type {Destination, Hop} from '../check.ts'

/** Where it broke. */
export interface Place {
  readonly destination: Destination | null
  readonly hop: Hop
}

type Advice = (place: {
  readonly address: string
  readonly host: string
  readonly setting: string
  readonly isService: boolean
}) => string

const NAME: Advice = ({host}) => `check the spelling and VPN: getent hosts ${host}`
const DNS: Advice = ({host}) => `look at the DNS server: getent hosts ${host}`
const START: Advice = ({setting}) => `start it, or correct ${setting}`
const ALLOW: Advice = ({address}) => `ask IT to allow TCP to ${address}`
const LATER = 'ask again in a minute, then tell whoever runs the service'
const TRUST: Advice = () => 'give its authority with --ca-bundle FILE'

const ADVICE: Partial<Record<FailureClass, Advice>> = {
  dns_not_found: NAME,
  dns_no_address: NAME,
  dns_server_failed: DNS,
  dns_server_down: DNS,
  dns_timeout: DNS,
  refused: START,
  socket_missing: START,
  socket_stale: START,
  socket_mode: ({address}) => `give this user access to ${address}`,
  socket_path_too_long: () => 'use a shorter socket path',
  filtered: ALLOW,
  no_route: ALLOW,
  black_hole: ALLOW,
  timeout_connect: ALLOW,
  reset: ALLOW,
  tls_cut: ALLOW,
  tls_silent: ALLOW,
  host_absent: ({setting}) => `start the machine, or correct ${setting}`,
  local_policy: ({address}) => `allow it in the firewall of this host: ${address}`,
  local_limit: () => 'close other programs, or raise ulimit -n (descriptors) or ulimit -u (processes)',
  untrusted_issuer: TRUST,
  self_signed: TRUST,
  bad_chain: ({address}) => `have the chain mended: openssl s_client -connect ${address} -showcerts`,
  expired: ({address}) => `have it renewed, and check the clock: openssl s_client -connect ${address}`,
  not_yet_valid: () => 'check the clock: timedatectl status',
  wrong_host: ({setting}) => `use a name of the certificate in ${setting}`,
  client_cert_wanted: ({setting}) => `give a client certificate next to ${setting}`,
  client_cert_refused: () => 'check which authority the server expects for clients',
  tls_version: () => 'have the server offer TLS 1.2 or newer',
  not_tls: ({setting}) => `write http:// in ${setting}, or take the TLS port`,
  captive_portal: () => 'sign in to this network in a browser',
  wrong_base_url: ({setting}) => `correct ${setting}`,
  redirected: ({setting}) => `put the final address into ${setting}`,
  service_down: () => LATER,
  timeout_http: ({isService}) => (isService ? LATER : 'look at the MCP server: it took the request and did not answer'),
  closed: ({isService}) => (isService ? LATER : 'look at the log of the MCP server'),
  not_http: ({setting}) => `correct ${setting}: no HTTP server is there`,
}

const SETTINGS = {control_plane: '--control-plane.base-url', mcp: '--mcp.server-url'} as const

/** The next step; null where the check's own advice says more. */
export function adviceFor(failure: FailureClass, {destination, hop}: Place): string | null {
  const {address} = hop
  const kind = destination?.kind ?? 'control_plane'
  const setting = SETTINGS[kind]
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return ADVICE[failure]?.({address, host, setting, isService: kind === 'control_plane'}) ?? null
}

/** The next step about an answer of the service itself: its own advice for the code it gave, else that of the class. */
export function serviceAdvice(failure: FailureClass, mitigation: string | null): string {
  if (mitigation !== null) return mitigation
  return failure === 'canceled' ? 'ask again: tunnel-client doctor' : failureNext(failure, 'service')
}
