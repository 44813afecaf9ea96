// Which kind of MCP a caller speaks: with a session, in which the server may ask its client, or without.

import type {IncomingHttpHeaders} from 'node:http'

/** First revision without sessions: servers ask with `input_required`, callers cancel by hanging up. */
const STATELESS_SINCE = '2026-07-28'

/** True for 2026-07-28 and later, which say so in every request. */
export function isStateless(headers: IncomingHttpHeaders): boolean {
  const version = headers['mcp-protocol-version']
  if (typeof version === 'string') return version >= STATELESS_SINCE
  return headers['mcp-method'] !== undefined
}
