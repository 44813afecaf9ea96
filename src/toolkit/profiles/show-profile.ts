// A profile as it may be shown on a screen: a key that somebody wrote into it stays hidden.

import {publicText} from '../../foundation/config/index.ts'
import {TunnelError} from '../../foundation/errors/index.ts'
import {decodeText} from '../../foundation/platform/index.ts'
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
  const content = decodeText(await store.read(name))
  if (!content.ok) throw new TunnelError('TC-PROFILE-FILE', `profile ${store.path(name)}: ${content.problem}`)
  const yaml = await publicText(content.text)
  return {name: name.trim(), path: store.path(name), yaml}
}
