// Errors of the daemon while it starts, runs and stops.

import type {ErrorRow} from './row.ts'

export const DAEMON_ERRORS = {
  'TC-DAEMON-START': {
    title: 'The daemon could not start',
    exit: 'failed',
    next: ['Run tunnel-client doctor --explain'],
  },
  'TC-DAEMON-GAVE-UP': {
    title: 'The daemon cannot go on by itself',
    exit: 'failed',
    next: ['Start the MCP server by hand to see what it says, then start the daemon again'],
  },
  'TC-DAEMON-STOP': {title: 'The daemon could not stop cleanly', exit: 'failed', next: []},
} as const satisfies Record<string, ErrorRow>
