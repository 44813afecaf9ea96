// Where a value came from, in words.

import type {TunnelConfig} from '../../../foundation/config/index.ts'

/** `flag --x`, `env X`, `tunnel.yaml:12` or `default` of the runtime key. */
export function keyOrigin(config: TunnelConfig): string {
  const origin = config.origin('control_plane.api_key')
  if (origin.layer === 'flag') return `flag --${origin.name}`
  if (origin.layer === 'env') return `env ${origin.name}`
  return origin.layer === 'file' ? `${origin.path}:${origin.line}` : 'default'
}
