// Commands that change things keep the admin profile that they used, so that the next one needs no flags.

import type {RuntimesContext} from '../context.ts'
import {utcSeconds} from '../state/history.ts'
import {changeState, isObject, sortedByKey} from '../state/state-file.ts'
import type {AdminContext} from './admin-context.ts'

/** Stores it when it is new or has changed; the first one becomes active. */
export async function rememberAdmin({root}: Pick<RuntimesContext, 'root'>, admin: AdminContext): Promise<void> {
  if (!admin.changed) return
  await changeState(root, async (state) => {
    const file = await state.read(root.adminProfilesFile)
    const profiles = isObject(file.profiles) ? file.profiles : withoutActive(file)
    const before = profiles[admin.name]
    const profile = {
      ...(isObject(before) ? before : {}),
      name: admin.name,
      control_plane_base_url: admin.baseUrl,
      control_plane_url_path: admin.urlPath === '' ? undefined : admin.urlPath,
      admin_key: admin.adminKey,
      updated_at: utcSeconds(),
    }
    const active =
      typeof file.active_profile === 'string' && file.active_profile !== '' ? file.active_profile : admin.name
    state.write(root.adminProfilesFile, {
      ...(isObject(file.profiles) ? file : {}),
      active_profile: active,
      profiles: sortedByKey({...profiles, [admin.name]: profile}),
    })
  })
}

/** A legacy file is a flat map of profiles. */
const withoutActive = ({active_profile: _, ...profiles}: Readonly<Record<string, unknown>>) => profiles
