// A profile as it may be shown on a screen: a key that somebody wrote into it stays hidden.

import {publicText} from '../../foundation/config/index.ts'
import {profileStore} from './store.ts'

/** A profile without its secrets; also the document of `--json`. */
export interface ShownProfile {
  readonly name: string
  readonly path: string
  readonly yaml: string
}

/** What {@link showProfile} needs. */
export interface ShowOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly name: string
  readonly profileDir?: string | undefined
}

/** Reads a profile for showing. @throws TunnelError `TC-PROFILE-MISSING`, `TC-PROFILE-FILE`, `TC-CONFIG-SOURCE` */
export async function showProfile({env, name, profileDir}: ShowOptions): Promise<ShownProfile> {
  const store = profileStore({env, dir: profileDir})
  const yaml = await publicText((await store.read(name)).toString('utf8'))
  return {name: name.trim(), path: store.path(name), yaml}
}
