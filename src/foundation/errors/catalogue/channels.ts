// Errors of binding MCP servers, found when the daemon starts.

import type {ErrorRow} from './row.ts'

export const CHANNEL_ERRORS = {
  'TC-CHANNEL-PROGRAM': {
    title: 'The program of a stdio MCP server cannot be started',
    exit: 'failed',
    next: ['Give an absolute path in --mcp.command, or mend PATH'],
  },
  'TC-CHANNEL-URL': {
    title: 'The address of an MCP server cannot be used',
    exit: 'failed',
    next: ['Give an http or https address in --mcp.server-url'],
  },
  'TC-CHANNEL-SERVER': {
    title: 'An MCP server in this process cannot be connected',
    exit: 'failed',
    next: ['Return a server that is not connected yet, a new one for every call'],
  },
} as const satisfies Record<string, ErrorRow>
