// What happens to connections between the daemon and an MCP server over HTTP.

import type {Fault} from '../fault.ts'
import {HTTP_ONLY, onCall} from './aim.ts'

/** Faults of the way to the MCP server. */
export const NETWORK_MCP: readonly Fault[] = [
  {
    name: 'mcp-reset-before-answer',
    transports: HTTP_ONLY,
    inject: onCall(({socket}) => {
      socket.resetAndDestroy()
    }),
    expect: {affected: ['closed'], seen: ['closed']},
  },
]
