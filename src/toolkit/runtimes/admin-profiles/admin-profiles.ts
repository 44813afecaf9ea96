// The verbs of `admin-profiles`. Reading never writes, and nothing is made on disk before everything was found in order.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {own, readRecords} from '../state/records.ts'
import {resolveStateRoot, type StateRoot} from '../state-root.ts'
import {type AdminProfileFields, resolveFields} from './fields.ts'
import type {AdminProfile, AdminProfiles} from './profiles-file.ts'
import {adminProfile, changeAdminProfiles, loadAdminProfiles} from './store.ts'

/** Where to look. */
export interface AdminProfilesInput {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** A profile as JSON shows it; member names are the reference's. */
export interface AdminProfileView extends AdminProfile {
  /** The file of all profiles. */
  readonly path: string
  readonly active: boolean
}

/** Where the profiles are, and which one is active. */
interface Place {
  readonly active_profile: string
  readonly path: string
  readonly state_root: string
}

/** `admin-profiles list`. */
export interface AdminProfileList extends Place {
  readonly profiles: readonly AdminProfileView[]
}

/** `admin-profiles set` and `activate`. */
export interface AdminProfileReport extends Place {
  readonly profile: AdminProfileView
}

/** `admin-profiles delete`. */
export interface AdminProfileDeleted extends Place {
  readonly deleted_profile: string
}

/** What `set` was given; absent and blank fields keep what is stored. */
export interface AdminProfileGiven extends AdminProfileFields {
  readonly name: string
  /** Make it the active one; the first one always is. */
  readonly activate: boolean
}

/** All profiles, by name. @throws TunnelError `TC-STATE-FILE` */
export async function listAdminProfiles(input: AdminProfilesInput): Promise<AdminProfileList> {
  const root = resolveStateRoot(input)
  const file = await loadAdminProfiles(root)
  const names = Object.keys(file.profiles).toSorted()
  return {profiles: names.map((name) => view(root, file, name)), ...place(root, file)}
}

/** Creates or changes one. @throws TunnelError `TC-ADMIN-PROFILE-INVALID`, `TC-RUNTIME-ALIAS` and those of the state. */
export async function setAdminProfile(
  given: AdminProfileGiven,
  input: AdminProfilesInput,
): Promise<AdminProfileReport> {
  const root = resolveStateRoot(input)
  const name = normalizeAlias(given.name)
  resolveFields({name, given, stored: own((await loadAdminProfiles(root)).profiles, name), ...input})
  const file = await changeAdminProfiles(root, (now) => {
    const stored = own(now.profiles, name)
    return {
      active: given.activate || now.active === '' ? name : now.active,
      profiles: {...now.profiles, [name]: adminProfile(name, resolveFields({name, given, stored, ...input}), stored)},
    }
  })
  return {profile: view(root, file, name), ...place(root, file)}
}

/** Makes one the active one. @throws TunnelError `TC-ADMIN-PROFILE-UNKNOWN` and those of the state. */
export async function activateAdminProfile(given: string, input: AdminProfilesInput): Promise<AdminProfileReport> {
  const root = resolveStateRoot(input)
  const name = normalizeAlias(given)
  known(await loadAdminProfiles(root), name)
  const file = await changeAdminProfiles(root, (now) => ({...known(now, name), active: name}))
  return {profile: view(root, file, name), ...place(root, file)}
}

/**
 * Forgets one; the alphabetically first of the rest becomes active when it was.
 * @throws TunnelError `TC-ADMIN-PROFILE-UNKNOWN`, `TC-ADMIN-PROFILE-IN-USE` and those of the state.
 */
export async function deleteAdminProfile(given: string, input: AdminProfilesInput): Promise<AdminProfileDeleted> {
  const root = resolveStateRoot(input)
  const name = normalizeAlias(given)
  known(await loadAdminProfiles(root), name)
  await refuseUsed(root, name)
  const file = await changeAdminProfiles(root, async (now) => {
    await refuseUsed(root, name)
    const {[name]: _, ...profiles} = known(now, name).profiles
    return {active: now.active === name ? (Object.keys(profiles).toSorted()[0] ?? '') : now.active, profiles}
  })
  return {deleted_profile: name, ...place(root, file)}
}

async function refuseUsed(root: StateRoot, name: string): Promise<void> {
  const {aliases, processes} = await readRecords(root)
  const alias = Object.entries(aliases).find(([, {admin_profile}]) => admin_profile === name)
  const refuse = (who: string): never => {
    throw new TunnelError('TC-ADMIN-PROFILE-IN-USE', `admin profile ${name} is still referenced by ${who}`)
  }
  if (alias !== undefined) refuse(`alias ${alias[1].alias || alias[0]}`)
  const running = Object.values(processes).find(
    (record) => record.admin_profile === name && record.alias !== '' && record.mode !== 'stopped',
  )
  if (running !== undefined) refuse(`active runtime ${running.alias}`)
}

function known(file: AdminProfiles, name: string): AdminProfiles {
  if (own(file.profiles, name) !== undefined) return file
  throw new TunnelError('TC-ADMIN-PROFILE-UNKNOWN', `admin profile ${name} is not known`)
}

const place = (root: StateRoot, {active}: AdminProfiles): Place => ({
  active_profile: active,
  path: root.adminProfilesFile,
  state_root: root.path,
})

function view(root: StateRoot, {active, profiles}: AdminProfiles, key: string): AdminProfileView {
  const {name, control_plane_base_url, control_plane_url_path, admin_key, updated_at} = profiles[key]!
  return {
    name: name === '' ? key : name,
    control_plane_base_url,
    ...(control_plane_url_path === undefined ? {} : {control_plane_url_path}),
    admin_key,
    ...(updated_at === undefined ? {} : {updated_at}),
    path: root.adminProfilesFile,
    active: active === key,
  }
}
