// The package as a library: `import {createTunnelClient} from 'tunnel-client'`. Importing it loads no daemon.

export {type ErrorCode, isTunnelError, TunnelError} from './foundation/errors/index.ts'
export {
  createTunnelClient,
  createTunnelService,
  type ListenAddress,
  type LogLevel,
  type McpServerLike,
  type McpTarget,
  type SecretText,
  type ServerTransport,
  type TunnelClient,
  type TunnelClientEvents,
  type TunnelClientOptions,
  type TunnelClientSettings,
  type TunnelFailure,
  type TunnelFigures,
  type TunnelLogger,
  type TunnelPhase,
  type TunnelReason,
  type TunnelService,
  type TunnelServiceOptions,
  type TunnelState,
} from './toolkit/sdk/index.ts'
