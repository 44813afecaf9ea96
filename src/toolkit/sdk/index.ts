// Front door of the sdk room: the daemon and the tunnel service inside other programs.

export {createTunnelClient} from './client/create-tunnel-client.ts'
export type {
  ListenAddress,
  LogLevel,
  McpServerLike,
  McpTarget,
  SecretText,
  ServerTransport,
  TunnelClientOptions,
  TunnelClientSettings,
  TunnelLogger,
  TunnelServiceOptions,
} from './options.ts'
export {createTunnelService} from './service/create-tunnel-service.ts'
export type {
  TunnelClient,
  TunnelClientEvents,
  TunnelFailure,
  TunnelFigures,
  TunnelPhase,
  TunnelReason,
  TunnelService,
  TunnelState,
} from './types.ts'
