// Tells callers apart that have no MCP session: by what every connection of one client has in common. JSON-RPC ids are no names
// of callers, most clients begin with 0 or 1.

import type {IncomingMessage} from 'node:http'
import {TOKEN_HEADER} from './guard.ts'

/**
 * A text that is the same for all connections of a client and differs between clients with other credentials, other software or
 * on other machines. Two processes of the same software, on the same machine and without credentials, have the same.
 */
export function callerMark({headers, socket}: IncomingMessage): string {
  const {authorization = '', 'user-agent': agent = '', [TOKEN_HEADER]: token = ''} = headers
  return `${authorization}\n${token}\n${agent}\n${socket.remoteAddress ?? ''}`
}
