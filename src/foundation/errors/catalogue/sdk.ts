// Errors of using this package as a library.

import type {ErrorRow} from './row.ts'

export const SDK_ERRORS = {
  'TC-SDK-OPTIONS': {
    title: 'The options of an embedded client or service cannot be used',
    exit: 'failed',
    next: ['See docs/embedding.md for all options'],
  },
  'TC-SDK-NOT-STARTED': {
    title: 'An embedded client was asked to become ready and has not been started',
    exit: 'failed',
    next: ['Await start() first'],
  },
  'TC-SDK-NOT-READY': {
    title: 'An embedded client did not become ready',
    exit: 'failed',
    next: ['Look at state(): it tells what is missing and who has to act'],
  },
  'TC-SDK-CLOSED': {
    title: 'An embedded client is closed, or was closed meanwhile',
    exit: 'failed',
    next: ['Create a new client'],
  },
} as const satisfies Record<string, ErrorRow>
