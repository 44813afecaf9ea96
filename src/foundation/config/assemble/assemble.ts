// Turns layers into the typed configuration.

import type {LoadInput} from '../load.ts'
import type {TunnelConfig} from '../types.ts'

/** See `loadConfig`. */
export async function assembleConfig(_input: LoadInput): Promise<TunnelConfig> {
  throw new Error('being written')
}
