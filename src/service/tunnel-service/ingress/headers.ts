// Which header fields cross the tunnel, in both directions (names from the reference; reasons: hop-by-hop fields end
// here, and nobody may pose as the proxies in front of a hosted service).

import type {IncomingMessage} from 'node:http'
import {headerBytes, headerText, isHeaderName} from '../../../foundation/wire/index.ts'
import {TOKEN_HEADER} from './guard.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** The reference's 40 names, and three of ours: our token, `Expect` (met here) and what unpacking made untrue. */
const NOT_FORWARDED = words(`
  accept-encoding cf-connecting-ip connection cookie content-length content-type forwarded host keep-alive
  openai-organization proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding true-client-ip
  upgrade user-agent via x-client-ip x-cluster-client-ip x-custom-cf-witness-actor x-custom-cf-witness-authorization
  x-envoy-external-address x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto
  x-oai-brte-redeemable-token x-openai-actor-authorization x-openai-authorization x-openai-authorization-error
  x-openai-brte-redeemable-token x-openai-internal-caller x-openai-request-path x-openai-skip-auth
  x-original-forwarded-for x-real-ip x-tunnel-traffic-source
  ${TOKEN_HEADER} expect content-encoding`)

/** Those that end here, and `Content-Encoding`: what a daemon posts is JSON as text, whatever it was. */
const NOT_RETURNED = words(`
  connection content-encoding content-length date keep-alive proxy-authenticate proxy-authorization trailer transfer-encoding upgrade`)

/** The caller's header fields that go along with its call: spelling and repeated values are kept. */
export function forwardedHeaders(request: IncomingMessage): Map<string, string[]> {
  const nominated = nominatedBy(request.headers.connection)
  const {rawHeaders} = request
  const kept = new Map<string, string[]>()
  let spelling: Map<string, string> | null = null
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    const value = headerText(rawHeaders[i + 1]!)
    const lower = name.toLowerCase()
    if (value === '' || NOT_FORWARDED.has(lower) || nominated?.has(lower)) continue
    spelling ??= new Map()
    const first = spelling.get(lower)
    if (first === undefined) {
      spelling.set(lower, name)
      kept.set(name, [value])
    } else {
      kept.get(first)!.push(value)
    }
  }
  return kept
}

/** What {@link returnedHeaders} needs. */
export interface ReturnedHeaders {
  /** As the daemon posted them. */
  readonly headers: readonly (readonly [string, readonly string[]])[]
  /** Where this tunnel's protected-resource metadata is, for `WWW-Authenticate`. */
  readonly metadataUrl: string
  /** Lower-case names to leave out, because the renderer sets them. */
  readonly without: ReadonlySet<string>
}

/** Upstream header fields as they go to the caller: a flat list for `writeHead`, fit to be written. */
export function returnedHeaders({headers, metadataUrl, without}: ReturnedHeaders): string[] {
  const connection = headers.find(([name]) => name.toLowerCase() === 'connection')
  const nominated = nominatedBy(connection?.[1].join(','))
  const flat: string[] = []
  for (const [name, values] of headers) {
    const lower = name.toLowerCase()
    if (NOT_RETURNED.has(lower) || nominated?.has(lower) || without.has(lower) || !isHeaderName(name)) continue
    for (const value of values) {
      const bytes = headerBytes(value)
      if (bytes === null || bytes === '') continue
      flat.push(name, lower === 'www-authenticate' ? withMetadataUrl(bytes, metadataUrl) : bytes)
    }
  }
  return flat
}

/** The value of a header field in a daemon's post, null when it is absent. */
export function headerValue(headers: readonly (readonly [string, readonly string[]])[], lower: string): string | null {
  for (const [name, values] of headers) if (name.toLowerCase() === lower) return values[0] ?? null
  return null
}

function nominatedBy(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined) return null
  const lower = connection.toLowerCase()
  if (lower === 'keep-alive' || lower === 'close') return null
  return new Set(lower.split(',').map((name) => name.trim()))
}

/** Replaces the first `resource_metadata` parameter of a challenge: the upstream's URL is of no use out here. */
function withMetadataUrl(challenge: string, url: string): string {
  const replacement = `resource_metadata="${url}"`
  const quoted = /resource_metadata="[^"]*"/i
  if (quoted.test(challenge)) return challenge.replace(quoted, () => replacement)
  return challenge.replace(/resource_metadata=[^,\s]+/i, () => replacement)
}
