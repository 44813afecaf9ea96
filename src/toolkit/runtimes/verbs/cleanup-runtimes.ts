// `runtimes cleanup`: aliases that lead nowhere any more, and on request without them.

import type {RuntimesContext} from '../context.ts'
import {type LiveAdminUi, type LocalDetails, localDetails} from '../local/details.ts'
import {type LocalRuntime, lookAtAll, lookAtOne, type RuntimeState} from '../local/look.ts'
import {withAliasLock} from '../state/alias-lock.ts'
import {appendHistory} from '../state/history.ts'
import {changeRecords} from '../state/records.ts'

/** The reference's words; the first that fits. Only `stale_alias` is removed. */
export type Classification = 'live_runtime' | 'valid_profile' | 'missing_profile' | 'stale_alias'

/** One alias or orphaned process record. */
export interface CleanupEntry {
  readonly alias: string
  readonly tunnel_id: string
  readonly classification: Classification
  readonly profile: LocalDetails['profile']
  readonly runtime_state: RuntimeState
  readonly live_runtime: LiveAdminUi
  readonly cleanup_safe: boolean
  readonly cleanup_command: string
}

/** The reference's payload. */
export interface CleanupReport {
  readonly state_root: string
  readonly apply: boolean
  readonly entries: readonly CleanupEntry[]
  readonly removed: readonly string[]
  readonly next_steps: readonly string[]
}

const APPLY = 'tunnel-client runtimes cleanup --apply'

/** Looks, and with `apply` removes the records of stale aliases; no files. */
export async function cleanupRuntimes({apply}: {apply: boolean}, context: RuntimesContext): Promise<CleanupReport> {
  const {root, signal} = context
  const runtimes = await lookAtAll(context)
  const entries = await Promise.all(runtimes.map((runtime) => entryOf(runtime, context)))
  const removed: string[] = []
  for (const {alias, cleanup_safe, tunnel_id} of entries) {
    if (!apply || !cleanup_safe) continue
    await withAliasLock({root, alias, signal}, async () => {
      // Somebody may have connected it since.
      const now = await entryOf(await lookAtOne(alias, context), context)
      if (!now.cleanup_safe) return
      await changeRecords(root, alias, () => ({alias: null, process: null}))
      await appendHistory(root, {action: 'cleanup', alias, tunnelId: tunnel_id})
      removed.push(alias)
    })
  }
  const stale = entries.some(({cleanup_safe}) => cleanup_safe)
  return {state_root: root.path, apply, entries, removed, next_steps: stale && !apply ? [APPLY] : []}
}

async function entryOf(runtime: LocalRuntime, context: RuntimesContext): Promise<CleanupEntry> {
  const local = await localDetails(runtime, context)
  const classification = classify(runtime, local)
  const stale = classification === 'stale_alias'
  return {
    alias: runtime.name,
    tunnel_id: runtime.alias?.tunnel_id || runtime.process?.tunnel_id || '',
    classification,
    profile: local.profile,
    runtime_state: local.runtime_state,
    live_runtime: local.live_admin_ui,
    cleanup_safe: stale,
    cleanup_command: stale ? APPLY : '',
  }
}

function classify({alive}: LocalRuntime, {live_admin_ui, process_running, profile}: LocalDetails): Classification {
  if (alive || process_running || live_admin_ui.found) return 'live_runtime'
  if (profile.exists) return 'valid_profile'
  return profile.path !== '' || profile.name !== '' ? 'missing_profile' : 'stale_alias'
}
