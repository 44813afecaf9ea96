// Errors of the Codex plugin: what stands in the way of installing and removing it.

import type {ErrorRow} from './row.ts'

export const CODEX_ERRORS = {
  'TC-CODEX-CONFIG': {
    title: "Codex's config.toml cannot be read or edited safely",
    exit: 'failed',
    next: ['Repair the file (`codex doctor` says what it misses), then run the command again'],
  },
  'TC-CODEX-MARKETPLACE-TAKEN': {
    title: 'Another marketplace of Codex has this name',
    exit: 'failed',
    next: ['Choose another name: tunnel-client codex plugin install --marketplace tunnel-client'],
  },
  'TC-CODEX-REFUSED': {
    title: 'Codex refused a step',
    exit: 'failed',
    next: ['Run `codex plugin list`: what it prints is what Codex minds'],
  },
  'TC-CODEX-SWITCHED-OFF': {
    title: 'Codex has plugins, or the server of this plugin, switched off',
    exit: 'failed',
    next: ['Set features.plugins to true in config.toml'],
  },
  'TC-CODEX-WRITE': {
    title: 'A file of the plugin or of Codex cannot be written',
    exit: 'failed',
    next: ['Check who owns the folder and whether it is writable'],
  },
} as const satisfies Record<string, ErrorRow>
