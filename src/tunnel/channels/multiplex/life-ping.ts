// A liveness ping in the protocol era of the MCP server process. The first request of a process fixes the era in Python SDK 2,
// FastMCP 4 and the TypeScript SDK's serveStdio, so a ping is only sent after a caller's request has been answered, and has
// the form of that request.

import {isStringAt, metaMember, type RpcMessage, stringAt} from '../../../foundation/wire/index.ts'

const META = 'io.modelcontextprotocol/'

/** The ping of servers that were opened with `initialize`. */
export const BARE_PING: object = {method: 'ping'}

/**
 * The ping in the era of a request that was answered with a result: bare, or with the envelope of 2026-07-28 and later when
 * the request had one. Any JSON-RPC response to it proves life, also an error.
 */
export function pingInEraOf(request: RpcMessage): object {
  const span = metaMember(request, `${META}protocolVersion`)
  if (span === null || !isStringAt(request.raw, span.start)) return BARE_PING
  const protocolVersion = stringAt(request.raw, span)
  return {
    method: 'ping',
    params: {
      _meta: {
        [`${META}protocolVersion`]: protocolVersion,
        [`${META}clientInfo`]: {name: 'tunnel-client-ts', version: '0'},
        [`${META}clientCapabilities`]: {},
      },
    },
  }
}
