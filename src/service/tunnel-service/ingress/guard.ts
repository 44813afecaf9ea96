// Who may call the ingress. On loopback every program of this machine may, but no web page of another origin: DNS rebinding and
// cross-site requests show in Host, Origin and Sec-Fetch-Site. Elsewhere a token is asked, and then it alone decides.

import {createHash, timingSafeEqual} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {isOwnLoopbackName, type Secret} from '../../../foundation/platform/index.ts'
import type {Keyring} from '../access-keys.ts'
import {ApiError} from '../api-error.ts'

/** The header that carries the token. It is never forwarded. */
export const TOKEN_HEADER = 'x-tunnel-ingress-token'

/** Throws {@link ApiError} 401 or 403 for requests that may not come in. `tunnelId`: null where none is named. */
export type IngressGuard = (request: IncomingMessage, tunnelId: string | null) => void

/** What {@link createIngressGuard} needs. */
export interface GuardOptions {
  /** Opens every tunnel. */
  readonly token: Secret | undefined
  /** Keys with the scope `call` open their tunnels, which others may then not call without one. */
  readonly keys: Keyring
  /** The host that the listener was given: accepted as a name, too. Null for a unix socket: no browser gets there. */
  readonly host: string | null
}

/** Builds the guard of one listener. */
export function createIngressGuard({token, keys, host}: GuardOptions): IngressGuard {
  const expected = token === undefined ? null : digest(token.reveal())
  const checkOrigin = host === null ? () => {} : originGuard(host)
  return (request, tunnelId) => {
    const asksToken = expected !== null || (tunnelId !== null && keys.guardsCalls(tunnelId))
    if (!asksToken) return checkOrigin(request)
    const given = request.headers[TOKEN_HEADER]
    if (typeof given === 'string') {
      if (expected !== null && timingSafeEqual(digest(given), expected)) return
      if (tunnelId !== null && keys.allowsCall(given, tunnelId)) return
    }
    throw new ApiError('invalid_ingress_token', 'send the ingress token as X-Tunnel-Ingress-Token')
  }
}

function originGuard(host: string): (request: IncomingMessage) => void {
  const own = host.toLowerCase()
  // Callers repeat themselves, and reading a URL is what this guard spends its time on.
  let lastGood: string | undefined
  return (request) => {
    const asked = request.headers.host
    if (asked === undefined || asked !== lastGood) {
      const name = asked === undefined ? null : hostOf(`http://${asked}`)
      if (name === null || !(isOwnLoopbackName(name) || name === own)) {
        throw new ApiError('host_not_allowed', 'the Host header names no address of this machine')
      }
      lastGood = asked
    }
    const {origin, 'sec-fetch-site': site} = request.headers
    // Only browsers send it, and pages cannot change it (W3C Fetch Metadata).
    if (site === 'cross-site' || site === 'same-site') throw foreign()
    if (origin === undefined) return
    const from = hostOf(origin)
    if (from === null || !(isOwnLoopbackName(from) || isSameOrigin(origin, asked))) throw foreign()
  }
}

const foreign = (): ApiError =>
  new ApiError('origin_not_allowed', 'web pages of other origins may not call this address')

const isSameOrigin = (origin: string, host: string | undefined): boolean => new URL(origin).host === host?.toLowerCase()

const JSON_TYPE = /^application\/json\s*(?:;|$)/i

/**
 * Throws {@link ApiError} 415 for a body with another label than JSON. Pages of other sites can post text and forms without
 * a preflight; MCP (Streamable HTTP) has its clients send JSON. Programs that send no label at all are let in.
 */
export function assertJson({headers}: IncomingMessage): void {
  const type = headers['content-type']
  const isBrowser = headers.origin !== undefined || headers['sec-fetch-mode'] !== undefined
  if (type === undefined ? !isBrowser : JSON_TYPE.test(type)) return
  throw new ApiError('unsupported_content_type', 'send JSON as Content-Type: application/json')
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function hostOf(url: string): string | null {
  try {
    const parsed = new URL(url)
    if (parsed.username !== '' || parsed.password !== '' || parsed.pathname !== '/' || parsed.search !== '') return null
    return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed.hostname : null
  } catch {
    return null
  }
}
