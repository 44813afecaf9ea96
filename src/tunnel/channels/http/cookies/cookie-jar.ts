// Cookies of one origin for one MCP session, after RFC 6265: load balancers find the replica of a session by a cookie. Only one
// host is ever asked with a jar, so neither a list of public suffixes nor a domain index is needed.

import type {Instant} from '../../../../foundation/platform/index.ts'
import {cookieDate} from './cookie-date.ts'

/** RFC 6265 §6.1: a user agent should keep at least so many cookies of a domain, and so many bytes of each. */
const MAX_COOKIES = 50
const MAX_COOKIE_BYTES = 4096
/** What one cookie costs beside its text. */
const COOKIE_OVERHEAD = 100

/** Where the responses of a jar come from, and when. */
export interface CookieOrigin {
  readonly url: URL
  /** Monotonic. */
  now(): Instant
  /** Wall clock, for `Expires`. */
  wall(): number
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly secure: boolean
  /** Monotonic; infinite for cookies that end with the session. */
  readonly expires: Instant
}

/** The cookies of one session. */
export class CookieJar {
  readonly #origin: CookieOrigin
  /** In the order of creation; a cookie that is set again keeps its place (RFC 6265 §5.3). */
  readonly #cookies = new Map<string, Cookie>()
  #bytes = 0

  constructor(origin: CookieOrigin) {
    this.#origin = origin
  }

  /** About how much memory it takes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes the value of one `Set-Cookie` field of an answer to a request for `path`. */
  set(field: string, path: string): void {
    if (field.length > MAX_COOKIE_BYTES) return
    const cookie = parse(field, path, this.#origin)
    if (cookie === null) return
    const key = `${cookie.path};${cookie.name}`
    const before = this.#cookies.get(key)
    if (before !== undefined) this.#bytes -= sizeOf(before)
    if (cookie.expires <= this.#origin.now()) {
      this.#cookies.delete(key)
      return
    }
    this.#cookies.set(key, cookie)
    this.#bytes += sizeOf(cookie)
    if (this.#cookies.size > MAX_COOKIES) this.#evict()
  }

  /** `name=value` pairs for a request to `path`, longest path first (RFC 6265 §5.4). */
  pairs(path: string): string[] {
    const now = this.#origin.now()
    const isSecure = this.#origin.url.protocol === 'https:'
    const plain = withoutQuery(path)
    return [...this.#cookies.values()]
      .filter(({secure, expires, path: own}) => expires > now && (isSecure || !secure) && pathMatches(plain, own))
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({name, value}) => (name === '' ? value : `${name}=${value}`))
  }

  /** Makes room: an expired cookie goes first, else the oldest. */
  #evict(): void {
    const now = this.#origin.now()
    const [oldest] = this.#cookies.keys()
    const [expired] = [...this.#cookies].flatMap(([key, {expires}]) => (expires <= now ? [key] : []))
    const key = expired ?? oldest!
    this.#bytes -= sizeOf(this.#cookies.get(key)!)
    this.#cookies.delete(key)
  }
}

const sizeOf = ({name, value, path}: Cookie): number => name.length + value.length + path.length + COOKIE_OVERHEAD

/** RFC 6265 §5.2 and §5.3; null for what is ignored as a whole. */
function parse(field: string, requestPath: string, origin: CookieOrigin): Cookie | null {
  const [pair = '', ...attributes] = field.split(';')
  const equals = pair.indexOf('=')
  const name = pair.slice(0, Math.max(0, equals)).trim()
  const value = pair.slice(equals + 1).trim()
  if (equals < 0 || name === '' || hasControls(name) || hasControls(value)) return null
  let path = defaultPath(requestPath)
  let secure = false
  let expires: Instant | null = null
  let maxAge: Instant | null = null
  for (const attribute of attributes) {
    const at = attribute.indexOf('=')
    const key = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase()
    const given = at < 0 ? '' : attribute.slice(at + 1).trim()
    if (key === 'secure') secure = true
    else if (key === 'path') path = given.startsWith('/') && !hasControls(given) ? given : defaultPath(requestPath)
    else if (key === 'domain' && !domainMatches(origin.url.hostname, given)) return null
    else if (key === 'max-age' && /^-?\d+$/.test(given)) maxAge = origin.now() + Number(given) * 1000
    else if (key === 'expires') {
      const date = cookieDate(given)
      if (date !== null) expires = origin.now() + date - origin.wall()
    }
  }
  return {name, value, path, secure, expires: maxAge ?? expires ?? Number.POSITIVE_INFINITY}
}

const withoutQuery = (path: string): string => {
  const query = path.indexOf('?')
  return query < 0 ? path : path.slice(0, query)
}

/** RFC 6265 §5.1.4. */
function defaultPath(requestPath: string): string {
  const path = withoutQuery(requestPath)
  const last = path.lastIndexOf('/')
  return last <= 0 ? '/' : path.slice(0, last)
}

/** RFC 6265 §5.1.4. */
const pathMatches = (path: string, cookiePath: string): boolean =>
  path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'))

/** RFC 6265 §5.1.3; an address has no parent domains. An empty attribute is ignored. */
function domainMatches(host: string, attribute: string): boolean {
  const domain = attribute.replace(/^\./, '').toLowerCase()
  if (domain === '' || host === domain) return true
  const isAddress = /^[\d.]+$/.test(host) || host.startsWith('[')
  return !isAddress && host.endsWith(`.${domain}`)
}

/** A control character would end the header field, or the server's reading of it. */
function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
