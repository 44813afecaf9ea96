// Errors of asking a daemon that runs.

import type {ErrorRow} from './row.ts'

export const LIVE_ERRORS = {
  'TC-LIVE-UNREACHABLE': {
    title: 'No daemon answers there',
    exit: 'failed',
    next: [
      'Run tunnel-client health with the same address; for an alias, tunnel-client runtimes status',
      'Start the daemon with tunnel-client run',
    ],
  },
  'TC-LIVE-ANSWER': {
    title: 'What answers there is no daemon that can tell this',
    exit: 'failed',
    next: ['Check the address, and that the daemon is of this version: tunnel-client health shows what answers'],
  },
  'TC-LIVE-CALL': {
    title: 'The daemon remembers no such call',
    exit: 'failed',
    next: ['Run tunnel-client trace without an id to see the last calls'],
  },
} as const satisfies Record<string, ErrorRow>
