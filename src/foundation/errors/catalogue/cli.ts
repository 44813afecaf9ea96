// Errors of the command line itself, and of the files that any command may meet.

import type {ErrorRow} from './row.ts'

export const CLI_ERRORS = {
  'TC-CLI-USAGE': {title: 'The command line is not understood', exit: 'failed', next: ['Run the command with --help']},
  'TC-CLI-INTERRUPTED': {title: 'Interrupted before it was done', exit: 'interrupted', next: []},
  'TC-CLI-OUTPUT': {
    title: 'Output cannot be written',
    exit: 'failed',
    next: ['Make room where stdout goes, or choose another place'],
  },
  'TC-CLI-FOLDER': {
    title: 'The working folder does not exist any more',
    exit: 'failed',
    next: ['Change to a folder that exists: cd'],
  },
  'TC-CLI-CLOUDFLARED': {
    title: 'The cloudflared companion of the reference does not exist here',
    exit: 'failed',
    next: ['Install cloudflared itself where you need it; tunnels of tunnel-client work without it'],
  },
  'TC-FILE-UNSAFE': {
    title: 'A file or folder is a link, belongs to another user, or is not a regular file',
    exit: 'failed',
    next: ['Choose another path'],
  },
  'TC-CLI-BUG': {
    title: 'A defect of tunnel-client itself',
    exit: 'failed',
    next: ['Run again with DEBUG=tunnel-client and report what it prints'],
  },
} as const satisfies Record<string, ErrorRow>
