// Commands that a report suggests, for the configuration that was looked at.

import type {ConfigSource} from '../../../foundation/config/index.ts'

/** The selectors that a command needs to meet the same file; empty for none. */
function selectors(source: ConfigSource | null): readonly string[] {
  switch (source?.kind) {
    case 'profile-file':
      return ['--profile-file', source.path]
    case 'profile':
      return ['--profile', source.name]
    case 'config':
      return ['--config', source.path]
    default:
      return []
  }
}

/** What to do when all is well and the daemon at `baseUrl` runs already: a second one would be in its way. */
export const watchCommand = (baseUrl: string): string => `tunnel-client trace --follow --url ${baseUrl}`

/** `tunnel-client run …`, as the reference prints it behind `NEXT`. */
export const runCommand = (source: ConfigSource | null): string => ['tunnel-client run', ...selectors(source)].join(' ')
