// Composes the relay.

import type {Relay, RelayOptions} from './types.ts'

/** The relay of one tunnel. Nothing happens before `start()`. */
export function createRelay(options: RelayOptions): Relay {
  throw new Error(`not built yet: ${options.client.tunnelId}`)
}
