// The address of a daemon's operator surface as people and the health URL file write it: TCP, or a socket in base64url.

import {type HttpDestination, type HttpDoor, learnUrlSecrets, type RawHeaders} from '../../foundation/platform/index.ts'

/** Where requests to a daemon go. */
export interface HealthTarget {
  /** What is shown: the URL without user and password, without an endpoint and without trailing slashes. */
  readonly baseUrl: string
  /** Origin for the HTTP door. */
  readonly origin: URL
  readonly unixSocket: string | null
  /** Path of the base URL, put before every path that is asked for; mostly empty. */
  readonly prefix: string
  /** User and password of the URL, as a request says them; mostly none. */
  readonly credentials: RawHeaders
}

const UNIX_SCHEME = 'http+unix://'

/** A destination of `door` for the daemon. Ask it, then close it. */
export const daemonDestination = (door: HttpDoor, {origin, unixSocket}: HealthTarget): HttpDestination =>
  door.destination({name: 'daemon', origin, ...(unixSocket === null ? {} : {unixSocket})})

/** The URL that stands for a unix socket. */
export const unixHealthUrl = (socketPath: string): string =>
  `${UNIX_SCHEME}${Buffer.from(socketPath).toString('base64url')}`

/** Strips blanks, one trailing `/healthz`, then one trailing `/readyz`, then trailing slashes. */
export const normalizeHealthUrl = (text: string): string =>
  text
    .trim()
    .replace(/\/healthz$/, '')
    .replace(/\/readyz$/, '')
    .replace(/(?<!\/)\/+$/, '')

const withoutUser = (url: string): string => url.replace(/^(\s*https?:\/\/)[^/?#]*@/i, '$1')

/** What somebody gave as a health URL, as it may be shown: without user and password, also where it is none. */
export const shownUrl = (text: string): string =>
  // Where it cannot be read, they may be anything in front of an @.
  parseHealthUrl(text) === null ? text.replace(/^.*@/s, '***@') : withoutUser(text)

/** Reads a health URL; null when it is no `http:`, `https:` or `http+unix:` URL. The base64url part is case-sensitive. */
export function parseHealthUrl(text: string): HealthTarget | null {
  const baseUrl = normalizeHealthUrl(text)
  if (baseUrl.toLowerCase().startsWith(UNIX_SCHEME)) {
    const encoded = baseUrl.slice(UNIX_SCHEME.length)
    if (!/^[A-Za-z0-9_-]+$/.test(encoded) || encoded.length % 4 === 1) return null
    return {
      baseUrl,
      origin: new URL('http://localhost'),
      unixSocket: Buffer.from(encoded, 'base64url').toString(),
      prefix: '',
      credentials: [],
    }
  }
  if (!/^https?:\/\//i.test(baseUrl)) return null
  try {
    const given = new URL(baseUrl)
    learnUrlSecrets(given)
    const {username, password} = given
    const shown = withoutUser(baseUrl)
    const origin = new URL(shown)
    return {
      baseUrl: shown,
      origin,
      unixSocket: null,
      prefix: origin.pathname === '/' ? '' : origin.pathname,
      credentials: username === '' && password === '' ? [] : ['Authorization', basic(username, password)],
    }
  } catch {
    return null
  }
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(user)}:${decodeURIComponent(password)}`).toString('base64')}`
