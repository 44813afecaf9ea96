// Front door of the control-plane room: speaks to the tunnel service and reads what it says.

export {createControlPlaneClient} from './client.ts'
export {controlPlaneDestination, controlPlaneOptions} from './control-plane-options.ts'
export {type ApiError, describeApiError, mitigationOf, parseApiError, refusedStatus} from './errors/api-error.ts'
export {joinPath, pollQuery, type TunnelPaths, tunnelPaths} from './paths.ts'
export {backoffDelay, parseRetryAfter} from './retry.ts'
export {type OpenTunnelAdmin, type TunnelAdminInput, withTunnelAdmin} from './tunnels/open.ts'
export {newTunnelNote, tunnelBlocks, tunnelListBlocks} from './tunnels/present.ts'
export {TunnelRefusal} from './tunnels/refusal.ts'
export {createTunnelAdmin} from './tunnels/tunnel-admin.ts'
export type {
  ManagedTunnel,
  ManagedTunnelList,
  TunnelAdmin,
  TunnelAdminCall,
  TunnelAdminOptions,
  TunnelChange,
  TunnelCreation,
  TunnelScope,
} from './tunnels/types.ts'
export {waitForTunnel} from './tunnels/wait-for-tunnel.ts'
export type {
  ControlPlaneClient,
  ControlPlaneOptions,
  MetadataOutcome,
  PollHandle,
  PollOptions,
  PollOutcome,
  PollSink,
  RequestHandle,
  RespondOptions,
  RespondOutcome,
  ServiceFailure,
  TunnelMetadata,
  UndecodedRest,
} from './types.ts'
