// The client of one tunnel.

import type {ControlPlaneClient, ControlPlaneOptions} from './types.ts'

/** A client of one tunnel over an open destination. */
export function createControlPlaneClient(options: ControlPlaneOptions): ControlPlaneClient {
  throw new Error(`not built yet: ${options.tunnelId}`)
}
