// Where the daemon of an alias writes its address, for commands that ask daemons and know no more than the alias.

import {join} from 'node:path'
import {normalizeAlias} from '../state/alias-name.ts'
import {own, readRecords} from '../state/records.ts'
import {resolveStateRoot, type StateRootInput} from '../state-root.ts'
import {unknownAlias} from '../verbs/runtime-status.ts'

/** The path. @throws TunnelError `TC-RUNTIME-ALIAS` for an alias that is not known. */
export async function runtimeHealthUrlFile(alias: string, input: StateRootInput): Promise<string> {
  const name = normalizeAlias(alias)
  const root = resolveStateRoot(input)
  const {aliases, processes} = await readRecords(root)
  const known = own(aliases, name)
  const started = own(processes, name)
  if (known === undefined && started === undefined) throw unknownAlias(name)
  return started?.health_url_file || known?.health_url_file || join(root.healthFolder, `${name}.url`)
}
