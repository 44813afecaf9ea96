// Errors of managed runtimes and of the state files that they live in.

import type {ErrorRow} from './row.ts'

const row = (title: string, ...next: string[]): ErrorRow => ({title, exit: 'failed', next})

export const RUNTIME_ERRORS = {
  'TC-STATE-FILE': row('A state file cannot be read', 'Repair the file, or remove it and connect again'),
  'TC-STATE-WRITE': row(
    'The state folder cannot be written',
    'Check its permissions, or choose another with TUNNEL_CLIENT_STATE_DIR',
  ),
  'TC-STATE-BUSY': row('Another command holds the state', 'Try again when it has ended'),
  'TC-RUNTIME-ALIAS': row('The alias cannot be used or is not known', 'Run tunnel-client runtimes list'),
} as const satisfies Record<string, ErrorRow>
