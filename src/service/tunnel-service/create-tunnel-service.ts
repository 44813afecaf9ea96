// Puts the service together: keys and tunnels, the control listener for daemons, the ingress listener for callers.

import type {TunnelService, TunnelServiceOptions} from './options.ts'

/** Starts a tunnel service. Rejects with `TC-SERVICE-OPTIONS`, `TC-SERVICE-STATE` or `TC-LISTEN`. */
export async function createTunnelService(_options: TunnelServiceOptions = {}): Promise<TunnelService> {
  throw new Error('not yet')
}
