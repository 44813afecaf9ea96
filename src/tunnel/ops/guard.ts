// Who may read the operator's pages. The peer's address alone does not tell: a web page may rebind its own name to
// 127.0.0.1 and let the operator's browser ask for it, but then the Host header still says that name. And a page that cannot
// read an answer may still hold its places, so what browsers fetch for foreign pages is turned away as well.

import {isLoopbackAddress, isOwnLoopbackName} from '../../foundation/platform/index.ts'

/** What the guard looks at. */
export interface GuardedRequest {
  /** Address of the TCP peer; null on a unix socket, where file permissions guard. */
  readonly peer: string | null
  /** Every Host header. Node shows the first one only, and whoever reads the last would be deceived. */
  readonly hosts: readonly string[]
  /** The name that the listener was given; null on a unix socket. */
  readonly ownHost?: string | null
  /** Default GET. */
  readonly method?: string
  /** Config admin_ui.allow_remote: the operator has opened the surface on purpose. Null: he cannot open this page. */
  readonly allowRemote: boolean | null
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers send and pages cannot change (W3C Fetch Metadata). */
  readonly fetchSite?: string | undefined
  readonly fetchMode?: string | undefined
  /** `Origin`: what browsers without Fetch Metadata still send of a page that asks (RFC 6454). */
  readonly origin?: string | undefined
}

/** Of browsers: what asks is a page of another site, or of another port of this one. */
const FOREIGN_SITES: ReadonlySet<string | undefined> = new Set(['cross-site', 'same-site'])

/** Why a request may not pass. */
export interface GuardRefusal {
  readonly status: 400 | 403 | 415
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
export function guardRefusal(asked: GuardedRequest): GuardRefusal | null {
  const {peer, hosts, allowRemote, fetchSite, fetchMode, origin, ownHost = null, method = 'GET'} = asked
  if (hosts.length > 1) return SEVERAL_HOSTS
  // Allow navigation from other sites: the user sees the page, the linking site cannot read it. A form must not post here.
  const isLink = fetchMode === 'navigate' && (method === 'GET' || method === 'HEAD')
  if (FOREIGN_SITES.has(fetchSite) && !isLink) return FOREIGN_PAGE
  if (allowRemote === true || peer === null) return null
  if (!isLoopbackAddress(peer)) return allowRemote === null ? LOCAL_ONLY : RESTRICTED
  const host = hosts[0]
  if (!isOwnLoopbackName(host) && !(ownHost !== null && nameIn(host) === ownHost.toLowerCase())) return FOREIGN_NAME
  return origin === undefined || isLink || isOwn(origin, host) ? null : FOREIGN_PAGE
}

/** The page that asks was served here, or by a plain loopback address. `null`, the origin of a sandboxed page, is neither. */
function isOwn(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const from = new URL(origin).host
  return isOwnLoopbackName(from) || (from !== '' && from === host?.toLowerCase())
}

const nameIn = (host: string | undefined): string | undefined => host?.replace(/:\d+$/, '').toLowerCase()

const UNSUPPORTED: GuardRefusal = {status: 415, body: 'send JSON as Content-Type: application/json\n'}
const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/**
 * Refuses a body that is not labeled as JSON. Pages of other sites can post text and forms without asking first (Fetch
 * Standard, CORS-safelisted request headers), JSON only after a preflight, which gets no permission here.
 */
export function bodyRefusal(request: {
  readonly method: string
  readonly hasBody: boolean
  readonly contentType: string | undefined
}): GuardRefusal | null {
  const {method, hasBody, contentType} = request
  if (method === 'GET' || method === 'HEAD') return null
  if (contentType === undefined) return hasBody ? UNSUPPORTED : null
  return JSON_TYPE.test(contentType) ? null : UNSUPPORTED
}
