// Who may read the operator's pages. The peer's address alone does not tell: a web page may rebind its own name to
// 127.0.0.1 and let the operator's browser ask for it, but then the Host header still says that name. And a page that cannot
// read an answer may still hold its places, so what browsers fetch for foreign pages is turned away as well.

import {isLoopbackAddress, isLoopbackHost} from '../../foundation/platform/index.ts'

/** What the guard looks at. */
export interface GuardedRequest {
  /** Address of the TCP peer; null on a unix socket, where file permissions guard. */
  readonly peer: string | null
  /** Every Host header. Node shows the first one only, and whoever reads the last would be deceived. */
  readonly hosts: readonly string[]
  /** Config admin_ui.allow_remote: the operator has opened the surface on purpose. Null: he cannot open this page. */
  readonly allowRemote: boolean | null
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers send and pages cannot change (W3C Fetch Metadata). */
  readonly fetchSite?: string | undefined
  readonly fetchMode?: string | undefined
  /** `Origin`: what browsers without Fetch Metadata still send of a page that asks (RFC 6454). */
  readonly origin?: string | undefined
}

/** Why a request may not pass. */
export interface GuardRefusal {
  readonly status: 400 | 403
  /** Text for the answer. */
  readonly body: string
}

const refused = (body: string): GuardRefusal => ({status: 403, body: `${body}\n`})

/** The reference's text for everybody who is not on this host. */
const RESTRICTED = refused('admin UI is restricted to loopback; set --allow-remote-ui to override')
const LOCAL_ONLY = refused('this page is restricted to loopback')
const FOREIGN_PAGE = refused('a browser asked for this on behalf of a page of another site, which may not read it')
const FOREIGN_NAME = refused('the Host header names no loopback address: ask for this page at 127.0.0.1 or localhost')
const SEVERAL_HOSTS: GuardRefusal = {status: 400, body: 'more than one Host header\n'}

/** Null when the request may pass. */
export function guardRefusal({
  peer,
  hosts,
  allowRemote,
  fetchSite,
  fetchMode,
  origin,
}: GuardedRequest): GuardRefusal | null {
  if (hosts.length > 1) return SEVERAL_HOSTS
  // Somebody who follows a link sees what he opens.
  if (fetchSite === 'cross-site' && fetchMode !== 'navigate') return FOREIGN_PAGE
  if (allowRemote === true || peer === null) return null
  if (!isLoopbackAddress(peer)) return allowRemote === null ? LOCAL_ONLY : RESTRICTED
  if (!isLoopbackHost(hosts[0])) return FOREIGN_NAME
  return origin === undefined || isLoopbackHost(hostOf(origin)) ? null : FOREIGN_PAGE
}

/** `null`, the origin of a sandboxed page, has none. */
const hostOf = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : '')
