// Errors of our own tunnel service and of talking to a tunnel service.

import type {ErrorRow} from './row.ts'

export const SERVICE_ERRORS = {
  'TC-SERVICE-START': {title: 'The local tunnel service could not start', exit: 'failed', next: []},
  'TC-SERVICE-OPTIONS': {
    title: 'The options of the local tunnel service do not fit together',
    exit: 'failed',
    next: ['Run tunnel-client dev tunnel-service --help'],
  },
  'TC-SERVICE-STATE': {title: 'The state file of the local tunnel service cannot be used', exit: 'failed', next: []},
  'TC-LISTEN': {title: 'An address to listen on cannot be used', exit: 'failed', next: ['Choose another address']},
  'TC-DEMO-CALL': {
    title: 'The tool call of the demo did not come back',
    exit: 'failed',
    next: ['Run tunnel-client dev demo --verbose'],
  },
} as const satisfies Record<string, ErrorRow>
