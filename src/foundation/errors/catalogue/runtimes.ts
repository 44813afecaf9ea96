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
  'TC-RUNTIME-TARGET': row('The MCP server of a runtime cannot be used', 'Correct --mcp-server-url or --mcp-command'),
  'TC-RUNTIME-KEY': row('A key reference of a runtime leads to nothing', 'Set the variable or create the file'),
  'TC-RUNTIME-SCOPE': row(
    'It is not clear whose tunnels are meant',
    'Give one --organization-id or one --workspace-id',
  ),
  'TC-RUNTIME-PROFILE': row('The profile of a runtime belongs to somebody else', 'Choose another name with --profile'),
  'TC-RUNTIME-START': row('A runtime could not be started', 'Read its log with tunnel-client runtimes logs'),
  'TC-RUNTIME-STOP': row('A runtime could not be stopped', 'Look at the process that is named'),
  'TC-RUNTIME-RUNNING': row('The runtime still runs', 'Stop it first with tunnel-client runtimes stop'),
  'TC-RUNTIME-ELSEWHERE': row(
    'The runtime was started on another host or in another container',
    'Run the command there; tunnel-client runtimes rm --lost-host forgets one whose host no longer exists',
  ),
  'TC-RUNTIME-REMOTE': row('The tunnel service refused or did not answer', 'Run tunnel-client doctor --explain'),
} as const satisfies Record<string, ErrorRow>
