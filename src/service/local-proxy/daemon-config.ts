// The daemon's configuration inside a local tunnel: the ordinary loader on the caller's flags and environment, with the
// way to the local service forced on top.

import {loadConfig, type TunnelConfig} from '../../foundation/config/index.ts'
import type {TunnelService} from '../tunnel-service/index.ts'
import type {LocalProxyOptions} from './options.ts'

/** Loads it. Rejects with `TC-CONFIG-INVALID`. */
export async function localDaemonConfig(options: LocalProxyOptions, service: TunnelService): Promise<TunnelConfig> {
  const {target} = options
  const config = await loadConfig({
    flags: {
      'control-plane.base-url': service.controlPlaneBaseUrl,
      'control-plane.tunnel-id': service.tunnelId,
      'open-web-ui': false,
      ...(target.serverUrls?.length ? {'mcp.server-url': target.serverUrls} : {}),
      ...(target.commands?.length ? {'mcp.command': target.commands} : {}),
      profile: target.profile,
      'profile-file': target.profileFile,
      'profile-dir': target.profileDir,
      ...surfaceFlags(options),
    },
    env: {...options.env, CONTROL_PLANE_API_KEY: service.runtimeKey.reveal()},
    cwd: options.cwd,
  })
  return {
    ...config,
    controlPlane: {
      ...config.controlPlane,
      baseUrl: new URL(service.controlPlaneBaseUrl),
      urlPath: '',
      tunnelId: service.tunnelId,
      apiKey: service.runtimeKey,
      unixSocket: service.controlUnixSocket,
      clientCertificate: null,
    },
    origin: (key) => config.origin(key),
  }
}

/** True when the caller asked for an operator surface. */
export const wantsSurface = ({healthListenAddr, healthUrlFile}: LocalProxyOptions): boolean =>
  Boolean(healthListenAddr) || Boolean(healthUrlFile)

/** A URL file alone means a free loopback port. */
function surfaceFlags(options: LocalProxyOptions): Record<string, string> {
  if (!wantsSurface(options)) return {}
  return {
    'health.listen-addr': options.healthListenAddr || '127.0.0.1:0',
    ...(options.healthUrlFile ? {'health.url-file': options.healthUrlFile} : {}),
  }
}
