// Front door of the control-plane room: speaks to the tunnel service and reads what it says.

export {createControlPlaneClient} from './client.ts'
export type {
  ControlPlaneClient,
  ControlPlaneOptions,
  MetadataOutcome,
  PollOptions,
  PollOutcome,
  PollSink,
  RequestHandle,
  RespondOptions,
  RespondOutcome,
  ServiceFailure,
  TunnelMetadata,
} from './types.ts'
