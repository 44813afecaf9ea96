// Errors of binding MCP servers: found when the daemon starts, or when a server process cannot be kept alive.

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
  'TC-CHANNEL-CRASHLOOP': {
    title: 'A stdio MCP server ends again and again',
    exit: 'failed',
    next: ['Run the command by hand and read what it prints'],
  },
} as const satisfies Record<string, ErrorRow>
