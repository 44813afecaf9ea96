// Who may read the operator's pages. The peer's address alone does not tell: a web page may rebind its own name to
// 127.0.0.1 and let the operator's browser ask for it, but then the Host header still says that name. And a page that cannot
// read an answer may still hold its places, so what browsers fetch for foreign pages is turned away as well.

import {isLoopbackAddress, isLoopbackHost} from '../../foundation/platform/index.ts'

/** The reference's text for everybody who is turned away. */
export const RESTRICTED_BODY = 'admin UI is restricted to loopback; set --allow-remote-ui to override\n'

/** What the guard looks at. */
export interface GuardedRequest {
  /** Address of the TCP peer; null on a unix socket, where file permissions guard. */
  readonly peer: string | null
  readonly host: string | undefined
  /** Config admin_ui.allow_remote: the operator has opened the surface on purpose. */
  readonly allowRemote: boolean
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers send and pages cannot change (W3C Fetch Metadata). */
  readonly fetchSite?: string | undefined
  readonly fetchMode?: string | undefined
}

/** True when the request may pass. */
export function mayPass({peer, host, allowRemote, fetchSite, fetchMode}: GuardedRequest): boolean {
  // Somebody who follows a link sees what he opens.
  if (fetchSite === 'cross-site' && fetchMode !== 'navigate') return false
  if (allowRemote || peer === null) return true
  return isLoopbackAddress(peer) && isLoopbackHost(host)
}
