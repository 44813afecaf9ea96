// The one spelling of an alias: whatever people type leads to the same record and the same file names.

import {TunnelError} from '../../../foundation/errors/index.ts'

/** Trimmed, lower case, everything but letters and digits one `-`. @throws TunnelError `TC-RUNTIME-ALIAS` when nothing is left. */
export function normalizeAlias(given: string): string {
  const alias = given
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  if (alias !== '') return alias
  throw new TunnelError('TC-RUNTIME-ALIAS', 'alias must contain at least one ASCII letter or number', {
    next: ['Give a name such as docs-server'],
  })
}
