// The one reader and the one writer of admin_profiles.yaml: its verbs and the runtimes commands, which keep what they used,
// must agree on what stands there.

import {utcSeconds} from '../state/history.ts'
import {changeState, readStateFile} from '../state/state-file.ts'
import type {StateRoot} from '../state-root.ts'
import {type AdminProfile, type AdminProfiles, adminProfilesContent, parseAdminProfiles} from './profiles-file.ts'

/** Reads all of them. @throws TunnelError `TC-STATE-FILE` */
export async function loadAdminProfiles(root: Pick<StateRoot, 'adminProfilesFile'>): Promise<AdminProfiles> {
  return parseAdminProfiles(root.adminProfilesFile, await readStateFile(root.adminProfilesFile))
}

/** Replaces them by what `to` makes of them, and returns that. @throws what `to` throws, and the errors of the state. */
export async function changeAdminProfiles(
  root: StateRoot,
  to: (now: AdminProfiles) => AdminProfiles | Promise<AdminProfiles>,
): Promise<AdminProfiles> {
  const path = root.adminProfilesFile
  return await changeState(root, async (state) => {
    const before = await state.read(path)
    const after = await to(parseAdminProfiles(path, before))
    state.write(path, adminProfilesContent(after, before))
    return after
  })
}

/** The values of a profile; an empty `urlPath` is none. */
export interface AdminProfileValues {
  readonly baseUrl: string
  readonly urlPath: string
  readonly adminKey: string
}

/** `stored` with these values; members that nobody here knows stay. */
export function adminProfile(
  name: string,
  {baseUrl, urlPath, adminKey}: AdminProfileValues,
  stored: AdminProfile | undefined,
): AdminProfile {
  const {control_plane_url_path: _, ...kept} = stored ?? {}
  return {
    ...kept,
    name,
    control_plane_base_url: baseUrl,
    ...(urlPath === '' ? {} : {control_plane_url_path: urlPath}),
    admin_key: adminKey,
    updated_at: utcSeconds(),
  }
}
