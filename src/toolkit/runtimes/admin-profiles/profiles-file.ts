// admin_profiles.yaml as the reference writes it, and its older form, a flat map of profiles.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {isObject, type JsonObject, sortedByKey} from '../state/state-file.ts'

/** One stored profile: where a tunnel service is, and where the key for it comes from. */
export interface AdminProfile {
  readonly name: string
  readonly control_plane_base_url: string
  readonly control_plane_url_path?: string
  /** `env:NAME` or `file:PATH`, never a key. */
  readonly admin_key: string
  /** UTC, whole seconds. */
  readonly updated_at?: string
}

/** The file as a value. Objects keep members that nobody here knows. */
export interface AdminProfiles {
  /** Empty: none. */
  readonly active: string
  readonly profiles: Readonly<Record<string, AdminProfile>>
}

const OPTIONAL = ['control_plane_url_path', 'updated_at'] as const
const TEXTS = ['name', 'control_plane_base_url', 'admin_key'] as const

/** Reads the content. @throws TunnelError `TC-STATE-FILE` when something else stands there. */
export function parseAdminProfiles(path: string, content: JsonObject): AdminProfiles {
  const {active_profile, profiles, ...flat} = content
  const active = active_profile ?? ''
  if (typeof active !== 'string') throw broken(path, 'a string active_profile')
  const stored = profiles === undefined ? flat : (profiles ?? {})
  if (!isObject(stored)) throw broken(path, 'a profiles object')
  const read = Object.entries(stored).map(([name, value]) => [name, profileOf(path, value)] as const)
  return {active, profiles: Object.fromEntries(read)}
}

function profileOf(path: string, value: unknown): AdminProfile {
  if (!isObject(value)) throw broken(path, 'a profiles object')
  const known = [...TEXTS, ...OPTIONAL].map((member) => value[member]).filter((member) => member != null)
  if (known.some((member) => typeof member !== 'string')) throw broken(path, 'a profiles object')
  const texts = Object.fromEntries(TEXTS.map((member) => [member, value[member] ?? '']))
  const empty: readonly string[] = OPTIONAL.filter((member) => value[member] === null || value[member] === '')
  const kept = Object.entries(value).filter(([member]) => !empty.includes(member))
  return {...Object.fromEntries(kept), ...texts} as unknown as AdminProfile
}

/** The content to write. `before` gives members beside ours; a flat map is written in the new form. */
export function adminProfilesContent({active, profiles}: AdminProfiles, before: JsonObject): JsonObject {
  const beside = isObject(before.profiles) ? before : {}
  return sortedByKey({...beside, active_profile: active, profiles: sortedByKey(profiles as unknown as JsonObject)})
}

const broken = (path: string, what: string): TunnelError =>
  new TunnelError('TC-STATE-FILE', `state file ${path} must contain ${what}`)
