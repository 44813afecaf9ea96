// Which tunnel service and which admin key a runtimes command uses. Reading it changes nothing.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {firstGiven} from '../admin-profiles/fields.ts'
import {loadAdminProfiles} from '../admin-profiles/store.ts'
import type {RuntimesContext} from '../context.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {own} from '../state/records.ts'

/** Flags of the group. */
export interface AdminFlags {
  readonly adminProfile?: string | undefined
  readonly adminKey?: string | undefined
  readonly baseUrl?: string | undefined
  readonly urlPath?: string | undefined
}

/** What is used. */
export interface AdminContext {
  /** Name of the admin profile. */
  readonly name: string
  /** File of all admin profiles. */
  readonly path: string
  readonly baseUrl: string
  /** Empty: none. */
  readonly urlPath: string
  /** Reference to the admin key. */
  readonly adminKey: string
  /** It differs from what is stored, or is not stored yet. */
  readonly changed: boolean
}

/**
 * Finds it: profile by flag, alias, TUNNEL_MCP_ADMIN_PROFILE, the active one, `default`; each field by flag, profile,
 * variable, default.
 * @throws TunnelError `TC-STATE-FILE`, `TC-RUNTIME-KEY`
 */
export async function adminContext(
  {root, env}: Pick<RuntimesContext, 'root' | 'env'>,
  flags: AdminFlags,
  ofAlias = '',
): Promise<AdminContext> {
  const {active, profiles} = await loadAdminProfiles(root)
  const wanted = [flags.adminProfile, ofAlias, env.TUNNEL_MCP_ADMIN_PROFILE, active].find((name) => name?.trim())
  const name = normalizeAlias(wanted ?? 'default')
  const stored = own(profiles, name)
  const {baseUrl, urlPath, adminKey} = firstGiven({given: flags, stored, env})
  if (!/^(env|file):/.test(adminKey)) {
    throw new TunnelError('TC-RUNTIME-KEY', 'admin_key must be an env:NAME or file:/path reference')
  }
  const changed =
    baseUrl !== stored?.control_plane_base_url ||
    urlPath !== (stored?.control_plane_url_path ?? '') ||
    adminKey !== stored?.admin_key
  return {name, path: root.adminProfilesFile, baseUrl, urlPath, adminKey, changed}
}
