// Where else on the same server MCP may answer: a path that was left out or mistyped is the most frequent mistake in the URL of an
// MCP server. Asked without any credentials, with the one message that does nothing.

import {type HttpDestination, type Instant, systemClock} from '../../../foundation/platform/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'

/** What {@link endpointElsewhere} needs. */
export interface EndpointSearch {
  /** As configured. */
  readonly url: URL
  readonly destination: HttpDestination
  readonly userAgent: string
  /** Monotonic. */
  readonly deadline: Instant
}

/** Milliseconds for all candidates together. */
const SEARCH_MS = 1500
const BODY_BYTES = 64 * 1024
const PING = Buffer.from('{"jsonrpc":"2.0","id":"doctor-path","method":"ping"}')

/** The path of an MCP endpoint on the server of `url`, other than its own; null: none was found. Never rejects. */
export async function endpointElsewhere(search: EndpointSearch): Promise<string | null> {
  const {pathname} = search.url
  const below = `${pathname.replace(/\/$/, '')}/mcp`
  const candidates = [...new Set([below, '/mcp', '/api/mcp', '/v1/mcp', '/'])].filter((path) => path !== pathname)
  const deadline = Math.min(search.deadline, systemClock.now() + SEARCH_MS)
  const found = await Promise.all(candidates.map((path) => speaksMcp({...search, deadline}, path)))
  return candidates.find((_, at) => found[at]) ?? null
}

/** True for a JSON-RPC message, an event stream or a challenge. A path that does not exist says 404 or 405, also in JSON. */
async function speaksMcp({destination, userAgent, deadline}: EndpointSearch, path: string): Promise<boolean> {
  const accept = 'application/json, text/event-stream'
  const headers = ['Content-Type', 'application/json', 'Accept', accept, 'User-Agent', userAgent]
  try {
    const {
      status,
      headers: fields,
      body,
    } = await destination.fetch({method: 'POST', path, headers, body: PING, deadline}, {maxBytes: BODY_BYTES})
    if (status === 404 || status === 405) return false
    if (status === 401) return headerOf(fields, 'www-authenticate') !== null
    if (/^text\/event-stream/i.test(headerOf(fields, 'content-type') ?? '')) return true
    return (JSON.parse(body.toString('utf8')) as {jsonrpc?: unknown} | null)?.jsonrpc === '2.0'
  } catch {
    return false
  }
}
