// Errors found while configuration is collected. Nothing has been started when one of these is thrown.

import type {ErrorRow} from './row.ts'

export const CONFIG_ERRORS = {
  'TC-CONFIG-INVALID': {
    title: 'The configuration cannot be used; every problem is listed',
    exit: 'failed',
    next: ['Mend the values named above and try again'],
  },
} as const satisfies Record<string, ErrorRow>
