// `runtimes create`: an alias with a tunnel, and nothing running yet.

import type {RuntimesContext} from '../context.ts'
import {type AdminFlags, adminContext} from '../remote/admin-context.ts'
import {rememberAdmin} from '../remote/remember-admin.ts'
import type {TunnelJson} from '../remote/remote-tunnels.ts'
import {checkScope, resolveTunnel, type TunnelWish} from '../remote/resolve-tunnel.ts'
import {withAliasLock} from '../state/alias-lock.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {appendHistory, utcSeconds} from '../state/history.ts'
import {type AliasRecord, changeRecords, own, readRecords} from '../state/records.ts'
import {ensureStateFolders} from '../state-root.ts'

/** The reference's payload, and how the tunnel was come by. */
export interface CreateReport {
  readonly alias: string
  readonly tunnel: TunnelJson
  readonly admin_profile: string
  readonly admin_profile_path: string
  readonly state_root: string
  /** `kept`, `found` or `created`. */
  readonly tunnel_source: string
}

/** Creates it, or keeps what it has. */
export async function createAlias(options: TunnelWish & AdminFlags, context: RuntimesContext): Promise<CreateReport> {
  const alias = normalizeAlias(options.alias)
  const wish = {...options, alias}
  checkScope('create', wish)
  const {root} = context
  await ensureStateFolders(root)
  return await withAliasLock({root, alias, signal: context.signal}, async () => {
    const previous = own((await readRecords(root)).aliases, alias)
    const admin = await adminContext(context, options, previous?.admin_profile)
    const {tunnel, how, staleId} = await resolveTunnel(wish, {context, admin, previous})
    await rememberAdmin(context, admin)
    if (staleId !== null) await appendHistory(root, {action: 'stale-alias', alias, tunnelId: staleId})
    await changeRecords(root, alias, ({alias: now}) => ({
      alias: aliasRecord({alias, tunnel, admin: admin.name, description: options.description, kept: now}),
    }))
    await appendHistory(root, {action: 'create', alias, tunnelId: tunnel.id, detail: how})
    return {
      alias,
      tunnel,
      admin_profile: admin.name,
      admin_profile_path: admin.path,
      state_root: root.path,
      tunnel_source: how,
    }
  })
}

/** The record of an alias for a tunnel; where its profile and health file lie stays as it was. */
export function aliasRecord(from: {
  readonly alias: string
  readonly tunnel: TunnelJson
  readonly admin: string
  readonly description?: string | undefined
  readonly kept: AliasRecord | null
}): AliasRecord {
  const {alias, tunnel, admin, description, kept} = from
  return {
    ...kept,
    alias,
    tunnel_id: tunnel.id,
    name: tunnel.name,
    admin_profile: admin,
    description: description?.trim() || tunnel.description || `MCP tunnel for ${alias}`,
    organization_ids: tunnel.organization_ids ?? [],
    workspace_ids: tunnel.workspace_ids ?? [],
    tenant_ids: tunnel.tenant_ids ?? [],
    updated_at: utcSeconds(),
  }
}
