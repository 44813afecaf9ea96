// Errors of our own tunnel service and of talking to a tunnel service.

import type {ErrorRow} from './row.ts'

export const SERVICE_ERRORS = {
  'TC-SERVICE-START': {title: 'The local tunnel service could not start', exit: 'failed', next: []},
} as const satisfies Record<string, ErrorRow>
