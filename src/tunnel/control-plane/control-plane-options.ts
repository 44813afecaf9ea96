// What the configuration means for the client of the control plane: the same for the daemon and for whoever only asks.

import type {TunnelConfig} from '../../foundation/config/index.ts'
import {messageOf, TunnelError} from '../../foundation/errors/index.ts'
import type {ClientIdentity, Clock, DestinationSpec, HttpDestination, Logger} from '../../foundation/platform/index.ts'
import {encodeServerInfo, type ServerInfoChannel} from '../../foundation/wire/index.ts'
import type {ControlPlaneOptions} from './types.ts'

/**
 * A way that has gone dead without a word (a firewall that restarted, an address translation that forgot) is noticed so soon
 * after, and ten seconds more: long before a poll has waited in vain for all of its time.
 */
const PROBE_AFTER_MS = 10_000

/** Where the tunnel service is and how it is trusted. */
export function controlPlaneDestination({controlPlane, trust}: TunnelConfig): DestinationSpec {
  const {clientCertificate, unixSocket} = controlPlane
  return {
    name: 'control_plane',
    origin: controlPlane.baseUrl,
    probeAfter: PROBE_AFTER_MS,
    ...(unixSocket === null ? {} : {unixSocket}),
    ...(trust.caBundle === null ? {} : {extraCa: trust.caBundle.pems}),
    ...(clientCertificate === null
      ? {}
      : {clientCertificate: {cert: clientCertificate.cert, key: clientCertificate.key}}),
  }
}

/** What the client needs to know. Throws `TC-DAEMON-START` when the channels cannot be announced. */
export function controlPlaneOptions(options: {
  readonly config: TunnelConfig
  readonly identity: ClientIdentity
  /** All that are bound; announced are those that are polled. */
  readonly channels: readonly ServerInfoChannel[]
  readonly destination: HttpDestination
  readonly clock: Clock
  readonly log: Logger
}): ControlPlaneOptions {
  const {controlPlane} = options.config
  const {pollChannels} = controlPlane
  const announced = options.channels
    .filter((channel) => pollChannels === null || pollChannels.includes(channel.name))
    .map(({name, processAffinity}) => ({name, processAffinity}))
  const info = serverInfo(announced)
  return {
    destination: options.destination,
    urlPath: controlPlane.urlPath,
    tunnelId: controlPlane.tunnelId,
    organizationId: controlPlane.organizationId,
    apiKey: controlPlane.apiKey,
    extraHeaders: controlPlane.extraHeaders,
    pollChannels,
    pollTimeout: controlPlane.pollTimeout,
    pollDeadlineGuardrail: controlPlane.pollDeadlineGuardrail,
    version: options.identity.version,
    instanceId: options.identity.instanceId,
    serverInfo: () => info,
    clock: options.clock,
    log: options.log,
  }
}

/** The reference's prefix: too many channels, or names too long together. */
function serverInfo(channels: readonly ServerInfoChannel[]): string {
  try {
    return encodeServerInfo(channels)
  } catch (thrown) {
    const message = `controlplane: build MCP server info: ${messageOf(thrown)}`
    throw new TunnelError('TC-DAEMON-START', message, {next: ['Bind fewer channels, or give them shorter names']})
  }
}
