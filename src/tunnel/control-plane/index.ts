// Front door of the control-plane room: speaks to the tunnel service and reads what it says.

// The header belongs to the client's options, so whoever makes a client finds its encoder here.
export {encodeServerInfo, type ServerInfoChannel} from '../../foundation/wire/index.ts'
export {createControlPlaneClient} from './client.ts'
export {type ApiError, describeApiError, mitigationOf, parseApiError, refusedStatus} from './errors/api-error.ts'
export {readMetadata} from './metadata.ts'
export {joinPath, pollQuery, type TunnelPaths, tunnelPaths} from './paths.ts'
export {backoffDelay, parseRetryAfter} from './retry.ts'
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
