// The cookies that an MCP server has set, kept by MCP session: they find the replica of that session behind a load balancer. They
// stay in this process. A caller never sees them, and no session gets those of another.

import type {RawHeaders} from '../../../../foundation/platform/index.ts'
import {headerOf} from '../../../../foundation/wire/index.ts'
import {CookieJar, type CookieOrigin} from './cookie-jar.ts'

/** Sessions whose cookies are kept, and bytes of all of them: the session that was used least recently is forgotten first. */
const MAX_SESSIONS = 10_000
const MAX_BYTES = 16 * 1024 * 1024

/** The jars of one MCP server. */
export class SessionCookies {
  readonly origin: CookieOrigin
  /** By session id, least recently used first. */
  readonly #jars = new Map<string, CookieJar>()
  #bytes = 0

  constructor(origin: CookieOrigin) {
    this.origin = origin
  }

  /** Sessions that have cookies. */
  get size(): number {
    return this.#jars.size
  }

  /** For the requests of one call, whose own headers these are. Without a session id its cookies last as long as the call. */
  scope(headers: RawHeaders): CookieScope {
    return new CookieScope(this, headers)
  }

  /** The session is over. */
  forget(session: string): void {
    const jar = this.#jars.get(session)
    if (jar === undefined) return
    this.#bytes -= jar.bytes
    this.#jars.delete(session)
  }

  /** The jar of a session; null: it has no cookies. */
  use(session: string): CookieJar | null {
    const jar = this.#jars.get(session)
    if (jar === undefined) return null
    this.#jars.delete(session)
    this.#jars.set(session, jar)
    return jar
  }

  /** Changes the jar of a session, or puts one there. */
  change(session: string, jar: CookieJar, change: () => void): void {
    if (this.#jars.get(session) === jar) this.#bytes -= jar.bytes
    else this.forget(session)
    change()
    this.#jars.set(session, jar)
    this.#bytes += jar.bytes
    for (const oldest of this.#jars.keys()) {
      if (this.#jars.size <= MAX_SESSIONS && this.#bytes <= MAX_BYTES) break
      this.forget(oldest)
    }
  }
}

/** The cookies of one call: of its session, and before it has one, of its own hops. */
export class CookieScope {
  readonly #store: SessionCookies
  readonly #headers: RawHeaders
  /** Undefined: the headers were not looked at yet, because most servers set no cookies. */
  #session: string | null | undefined
  /** Of a call that has no session yet. */
  #own: CookieJar | null = null

  constructor(store: SessionCookies, headers: RawHeaders) {
    this.#store = store
    this.#headers = headers
  }

  /** The headers of a request with these cookies; those that the caller or the configuration set win by name. */
  apply(headers: string[], path: string): string[] {
    const pairs = this.#jar()?.pairs(path) ?? []
    if (pairs.length === 0) return headers
    const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'cookie')
    if (at < 0) return [...headers, 'Cookie', pairs.join('; ')]
    const given = headers.flatMap((name, i) =>
      i % 2 === 0 && name.toLowerCase() === 'cookie' ? headers[i + 1]!.split(';').map((pair) => pair.trim()) : [],
    )
    const names = new Set(given.map(nameOf))
    const added = pairs.filter((pair) => !names.has(nameOf(pair)))
    return headers.with(at + 1, [headers[at + 1]!, ...added].join('; '))
  }

  /** Takes what an answer to a request for `path` sets. The first session id that it names is that of these cookies. */
  heard({status, headers}: {status: number; headers: RawHeaders}, path: string): void {
    const fields = setCookies(headers)
    if (status === 404) this.end()
    else if (fields !== null || this.#own !== null) this.#set(fields ?? [], path, headers)
  }

  /** The session is over, or its server does not know it any more. */
  end(): void {
    if (this.#store.size === 0) return
    const session = this.#sessionId()
    if (session !== null) this.#store.forget(session)
  }

  #set(fields: readonly string[], path: string, headers: RawHeaders): void {
    const session = this.#sessionId() ?? headerOf(headers, 'mcp-session-id')
    this.#session = session
    const jar = (session === null ? null : this.#store.use(session)) ?? this.#own ?? new CookieJar(this.#store.origin)
    const change = (): void => {
      for (const field of fields) jar.set(field, path)
    }
    if (session !== null) {
      this.#own = null
      this.#store.change(session, jar, change)
      return
    }
    this.#own = jar
    change()
  }

  #jar(): CookieJar | null {
    if (this.#own !== null || this.#store.size === 0) return this.#own
    const session = this.#sessionId()
    return session === null ? null : this.#store.use(session)
  }

  #sessionId(): string | null {
    if (this.#session === undefined) this.#session = headerOf(this.#headers, 'mcp-session-id') || null
    return this.#session
  }
}

/** The values of all `Set-Cookie` fields; null when there are none. */
function setCookies(headers: RawHeaders): string[] | null {
  let fields: string[] | null = null
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    if (name.length !== 10 || name.toLowerCase() !== 'set-cookie') continue
    fields ??= []
    fields.push(headers[i + 1]!)
  }
  return fields
}

const nameOf = (pair: string): string => {
  const equals = pair.indexOf('=')
  return equals < 0 ? pair : pair.slice(0, equals)
}
