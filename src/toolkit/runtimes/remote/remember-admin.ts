// Commands that change things keep the admin profile that they used, so that the next one needs no flags.

import {adminProfile, changeAdminProfiles} from '../admin-profiles/store.ts'
import type {RuntimesContext} from '../context.ts'
import {own} from '../state/records.ts'
import type {AdminContext} from './admin-context.ts'

/** Stores it when it is new or has changed; the first one becomes active. */
export async function rememberAdmin({root}: Pick<RuntimesContext, 'root'>, admin: AdminContext): Promise<void> {
  if (!admin.changed) return
  const {name} = admin
  await changeAdminProfiles(root, ({active, profiles}) => ({
    active: active === '' ? name : active,
    profiles: {...profiles, [name]: adminProfile(name, admin, own(profiles, name))},
  }))
}
