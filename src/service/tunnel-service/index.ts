// Front door of the tunnel service: the other end of the wire, for one machine and for tests.

export {createTunnelService} from './create-tunnel-service.ts'
export type {
  AccessKey,
  QueueLimits,
  Scope,
  TunnelService,
  TunnelServiceOptions,
  TunnelSnapshot,
} from './options.ts'
export {infoBlocks, type ServiceInfo, serviceBlocks} from './serve/announce.ts'
export {readServeFlags, type ServeFlags} from './serve/read-flags.ts'
export {type ServeOptions, serveTunnel} from './serve/serve-tunnel.ts'
