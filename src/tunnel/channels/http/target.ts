// One MCP endpoint: where it is, how requests to it are built, and how to ask it something without a message.

import type {ConfigHeader} from '../../../foundation/config/index.ts'
import type {
  Clock,
  HttpDestination,
  HttpFailure,
  HttpRequest,
  Instant,
  RawHeaders,
} from '../../../foundation/platform/index.ts'
import type {UpstreamHead} from '../channel.ts'
import {type CookieScope, SessionCookies} from './cookies/session-cookies.ts'
import {type OwnHeader, RequestHeaders} from './request-headers.ts'

/** What {@link HttpTarget} is made from. */
export interface HttpTargetOptions {
  readonly destination: HttpDestination
  readonly url: URL
  readonly userAgent: string
  readonly extraHeaders: readonly ConfigHeader[]
  readonly discoveryExtraHeaders: readonly ConfigHeader[]
  readonly clock: Clock
}

/** Who asks: a caller through the tunnel, or we ourselves. It decides which configured headers are added. */
export type Purpose = 'tunnel' | 'discovery'

/** A request of which only status and headers of the answer matter; `cookies`: of the call that it belongs to. */
export interface PlainRequest extends HttpRequest {
  readonly headers: string[]
  readonly cookies?: CookieScope
}

/** Answer to a request of which only status and headers matter. */
export type HeadOutcome = {readonly head: UpstreamHead} | {readonly failure: HttpFailure}

/** Bytes of an uninteresting body that are read so that the connection can be used again. */
const DRAIN_BYTES = 64 * 1024

/** The endpoint of one channel. */
export class HttpTarget {
  readonly destination: HttpDestination
  readonly url: URL
  readonly path: string
  readonly clock: Clock
  /** Cookies that the server has set, by MCP session. */
  readonly cookies: SessionCookies
  readonly #post: Readonly<Record<Purpose, RequestHeaders>>
  readonly #plain: Readonly<Record<Purpose, RequestHeaders>>

  constructor(options: HttpTargetOptions) {
    this.destination = options.destination
    this.url = options.url
    this.path = options.url.pathname + options.url.search
    this.clock = options.clock
    const {url, clock} = options
    this.cookies = new SessionCookies({url, now: () => clock.now(), wall: () => clock.wall()})
    const overridden = new Set(options.discoveryExtraHeaders.map((header) => header.name.toLowerCase()))
    const tunnel = options.extraHeaders
    const discovery = [
      ...tunnel.filter((header) => !overridden.has(header.name.toLowerCase())),
      ...options.discoveryExtraHeaders,
    ]
    const plain: OwnHeader[] = [
      ['Accept', 'application/json, text/event-stream'],
      ['User-Agent', options.userAgent],
      ...basicAuthorization(options.url),
    ]
    const level = (defaults: readonly OwnHeader[]): Record<Purpose, RequestHeaders> => ({
      tunnel: new RequestHeaders({configured: tunnel, defaults}),
      discovery: new RequestHeaders({configured: discovery, defaults}),
    })
    this.#post = level([['Content-Type', 'application/json'], ...plain])
    this.#plain = level(plain)
  }

  /** Headers of a POST that carries a message. Throws HeaderInvalid. */
  postHeaders(purpose: Purpose, command: RawHeaders, forced?: readonly OwnHeader[]): string[] {
    return this.#post[purpose].build(command, forced)
  }

  /** Headers of a request without a body. Throws HeaderInvalid. */
  plainHeaders(purpose: Purpose, command: RawHeaders, forced?: readonly OwnHeader[]): string[] {
    const withoutType = command.filter((_, i) => command[i - (i % 2)]!.toLowerCase() !== 'content-type')
    return this.#plain[purpose].build(withoutType, forced)
  }

  /**
   * Sends a request with the cookies of its session, and settles with its status and headers; a short body is read, a long one
   * is given up.
   */
  head(request: PlainRequest, deadline: Instant | null = null): Promise<HeadOutcome> {
    const {path} = request
    const cookies = request.cookies ?? this.cookies.scope(request.headers)
    return new Promise((resolve) => {
      let drained = 0
      const handle = this.destination.stream(
        {...request, headers: cookies.apply(request.headers, path), deadline},
        {
          onHead: (status, headers) => {
            cookies.heard({status, headers}, path)
            resolve({head: {status, headers}})
            // An event stream never ends by itself; it is of no use here.
            if (mediaType(headers) === 'text/event-stream') queueMicrotask(() => handle.abort())
          },
          onData: (chunk) => {
            drained += chunk.length
            if (drained > DRAIN_BYTES) handle.abort()
          },
          onEnd: () => {},
          onFailure: (failure) => resolve({failure}),
        },
      )
    })
  }
}

/** The media type of an answer in lower case, without parameters; empty when there is none. */
export function mediaType(headers: RawHeaders): string {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.length === 12 && headers[i]!.toLowerCase() === 'content-type') {
      const value = headers[i + 1]!
      const semicolon = value.indexOf(';')
      return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase()
    }
  }
  return ''
}

function basicAuthorization(url: URL): OwnHeader[] {
  if (url.username === '' && url.password === '') return []
  const pair = `${decode(url.username)}:${decode(url.password)}`
  return [['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`]]
}

/** Percent-decoding that leaves a stray `%` alone instead of throwing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
