// `runtimes rm`: forgets an alias on this machine. Its tunnel stays, and so does every file that is not ours.

import {stat} from 'node:fs/promises'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {removeFile} from '../../../foundation/platform/index.ts'
import type {RuntimesContext} from '../context.ts'
import {type LocalRuntime, lookAtOne} from '../local/look.ts'
import {requireHere} from '../local/require-here.ts'
import {rawOutputFile} from '../process/launch.ts'
import {findProfile, logFileOf} from '../profile/runtime-profile.ts'
import {withAliasLock} from '../state/alias-lock.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {appendHistory} from '../state/history.ts'
import {changeRecords} from '../state/records.ts'

/** The reference's payload; `kept_paths` are recorded files of others. */
export interface RemoveReport {
  readonly alias: string
  readonly removed: true
  readonly removed_paths: readonly string[]
  readonly kept_paths: readonly string[]
  readonly state_root: string
  readonly tunnel_id: string
}

/** `lostHost`: name of a host that no longer exists; a runtime of that host is forgotten. */
export interface RemoveOptions {
  readonly lostHost?: string | undefined
}

/** Removes. @throws TunnelError `TC-RUNTIME-ALIAS` for one that is not known, `TC-RUNTIME-RUNNING`, `TC-RUNTIME-ELSEWHERE`. */
export async function removeRuntime(
  given: string,
  context: RuntimesContext,
  {lostHost}: RemoveOptions = {},
): Promise<RemoveReport> {
  const {root} = context
  const alias = normalizeAlias(given)
  const known = await lookAtOne(alias, context)
  if (known.alias === null && known.process === null) {
    throw new TunnelError('TC-RUNTIME-ALIAS', `alias ${alias} is not known`)
  }
  return await withAliasLock({root, alias, signal: context.signal}, async () => {
    const runtime = await lookAtOne(alias, context)
    const mode = runtime.process?.mode ?? ''
    const lost = runtime.identity.state === 'elsewhere' && runtime.identity.host === lostHost
    if (!lost) requireHere(runtime, 'rm', context.realm.name)
    if (!lost && ((mode !== '' && mode !== 'stopped') || runtime.alive)) {
      const stop = `tunnel-client runtimes stop ${alias}`
      throw new TunnelError('TC-RUNTIME-RUNNING', `runtime ${alias} is not stopped; run ${stop} first`, {next: [stop]})
    }
    const {ours, foreign} = await filesOf(runtime, context)
    await changeRecords(root, alias, () => ({alias: null, process: null}))
    for (const path of ours) await removeFile(path)
    const tunnelId = runtime.alias?.tunnel_id || runtime.process?.tunnel_id || ''
    await appendHistory(root, {action: 'rm', alias, tunnelId})
    return {alias, removed: true, removed_paths: ours, kept_paths: foreign, state_root: root.path, tunnel_id: tunnelId}
  })
}

/** The recorded files: those that may go, and profiles of others. */
async function filesOf(
  {name, alias, process, healthUrlFile}: LocalRuntime,
  {root}: RuntimesContext,
): Promise<{ours: string[]; foreign: string[]}> {
  const records = [process, alias].filter((record) => record !== null)
  const profiles = unique(records.flatMap((record) => [record.config_path, record.profile_path]))
  const found = await Promise.all(
    profiles.map(async (path) => ({path, ours: (await findProfile(path, {alias: name, root})).state !== 'foreign'})),
  )
  const log = process?.log_path || logFileOf(name, root)
  // Only what lies where we put it: a record may name any file of this user.
  const states = [healthUrlFile, log, rawOutputFile(log)].filter((path) => path.startsWith(`${root.path}/`))
  const recorded = [healthUrlFile, ...(process?.log_path ? [log] : [])]
  const present = await Promise.all(
    unique(states).map(async (path) => (recorded.includes(path) || (await exists(path)) ? [path] : [])),
  )
  return {
    ours: [...found.filter(({ours}) => ours).map(({path}) => path), ...present.flat()],
    foreign: found.filter(({ours}) => !ours).map(({path}) => path),
  }
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null

const unique = (paths: readonly (string | undefined)[]): string[] => [
  ...new Set(paths.filter((path): path is string => path !== undefined && path !== '')),
]
