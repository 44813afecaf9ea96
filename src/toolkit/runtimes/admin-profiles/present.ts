// Admin profiles as scripts of the reference read them: one line each, separated by tabs.

import {type Block, text} from '../../../foundation/platform/index.ts'
import type {AdminProfileList} from './admin-profiles.ts'

/** Name, address, and a mark at the active one. */
export function adminProfileListBlocks({profiles, path}: AdminProfileList): Block[] {
  if (profiles.length === 0) return [text(`No admin profiles found in ${path}`)]
  return profiles.map(({name, control_plane_base_url, active}) =>
    text([[name, control_plane_base_url, ...(active ? ['(active)'] : [])]]),
  )
}
