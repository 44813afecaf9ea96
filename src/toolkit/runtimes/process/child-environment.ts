// What a runtime inherits: everything but keys that are not its own, and variables that would override its profile.

import {CONFIG_ROWS} from '../../../foundation/config/index.ts'
import {variableOf} from '../profile/key-reference.ts'
import {PROFILE_KEYS} from '../profile/runtime-profile.ts'

const KEYS = ['CONTROL_PLANE_API_KEY', 'OPENAI_API_KEY', 'OPENAI_ADMIN_KEY']
const SELECTORS = ['TUNNEL_CLIENT_CONFIG', 'TUNNEL_CLIENT_PROFILE', 'TUNNEL_CLIENT_PROFILE_FILE']

/** The environment of a runtime whose key is `keyReference`. */
export function runtimeEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  keyReference: string,
): Record<string, string | undefined> {
  const own = variableOf(keyReference)
  const overriding = CONFIG_ROWS.filter(({key}) => PROFILE_KEYS.includes(key)).flatMap((row) => row.env)
  const removed = new Set([...KEYS, ...SELECTORS, ...overriding])
  return Object.fromEntries(Object.entries(env).filter(([name]) => name === own || !removed.has(name)))
}
