// Which tunnel service and which admin key a runtimes command uses. Reading it changes nothing.

import {CONFIG_ROWS} from '../../../foundation/config/index.ts'
import {TunnelError} from '../../../foundation/errors/index.ts'
import type {RuntimesContext} from '../context.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {isObject, readStateFile} from '../state/state-file.ts'

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

const DEFAULT_KEY = 'env:OPENAI_ADMIN_KEY'

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
  const file = await readStateFile(root.adminProfilesFile)
  const profiles = isObject(file.profiles) ? file.profiles : file
  const active = typeof file.active_profile === 'string' ? file.active_profile : ''
  const wanted = [flags.adminProfile, ofAlias, env.TUNNEL_MCP_ADMIN_PROFILE, active].find((name) => name?.trim())
  const name = normalizeAlias(wanted ?? 'default')
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  const stored = isObject(found) ? found : {}
  const field = (key: string, flag: string | undefined, variable: string | undefined, preset: string): string => {
    const kept = stored[key]
    return [flag, typeof kept === 'string' ? kept : '', variable, preset].find((value) => value?.trim())?.trim() ?? ''
  }
  const baseUrl = field('control_plane_base_url', flags.baseUrl, env.CONTROL_PLANE_BASE_URL, defaultBaseUrl())
  const urlPath = field('control_plane_url_path', flags.urlPath, env.CONTROL_PLANE_URL_PATH, '')
  const adminKey = field('admin_key', flags.adminKey, undefined, DEFAULT_KEY)
  if (!/^(env|file):/.test(adminKey)) {
    throw new TunnelError('TC-RUNTIME-KEY', 'admin_key must be an env:NAME or file:/path reference')
  }
  const changed =
    baseUrl !== stored.control_plane_base_url ||
    urlPath !== (stored.control_plane_url_path ?? '') ||
    adminKey !== stored.admin_key
  return {name, path: root.adminProfilesFile, baseUrl, urlPath, adminKey, changed}
}

const defaultBaseUrl = (): string => CONFIG_ROWS.find(({key}) => key === 'control_plane.base_url')?.default ?? ''
