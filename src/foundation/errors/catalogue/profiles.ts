// Errors of keeping profiles: files that configure a daemon, under a name.

import type {ErrorRow} from './row.ts'

const row = (title: string, ...next: string[]): ErrorRow => ({title, exit: 'failed', next})

export const PROFILE_ERRORS = {
  'TC-PROFILE-MISSING': row('There is no profile of this name', 'List them with tunnel-client profiles list'),
  'TC-PROFILE-EXISTS': row('A profile of this name is there already', 'Pass --force to replace it'),
  'TC-PROFILE-INVALID': row('The text of a profile is not accepted; nothing was saved', 'Mend it and try again'),
  'TC-PROFILE-FILE': row('The file of a profile cannot be read or written', 'Check the path and its permissions'),
  'TC-PROFILE-SAMPLE': row(
    'A sample is not known, or what it was given does not fit it',
    'See what it takes: tunnel-client profiles samples show <name>',
  ),
  'TC-PROFILE-COMMAND': row(
    'The command of a stdio MCP server could not be started, so no profile was made for it',
    'Mend the command, or install its program',
  ),
  'TC-PROFILE-EDITOR': row('The editor could not be used', 'Set VISUAL or EDITOR to a program that edits a file'),
} as const satisfies Record<string, ErrorRow>
