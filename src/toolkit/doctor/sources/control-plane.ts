// The tunnel service as the daemon would meet it: same destination, same client, same headers.

import type {TunnelConfig} from '../../../foundation/config/index.ts'
import {
  type ClientIdentity,
  type DestinationSpec,
  type HttpDestination,
  silentLogger,
  systemClock,
} from '../../../foundation/platform/index.ts'
import {encodeResponse, encodeServerInfo} from '../../../foundation/wire/index.ts'
import {
  type ControlPlaneClient,
  createControlPlaneClient,
  type RespondOutcome,
} from '../../../tunnel/control-plane/index.ts'

/** Where the tunnel service is and how it is trusted. */
export function serviceSpec({controlPlane, trust}: TunnelConfig): DestinationSpec {
  const {baseUrl, unixSocket, clientCertificate} = controlPlane
  return {
    name: 'control_plane',
    origin: baseUrl,
    connections: 2,
    ...(unixSocket === null ? {} : {unixSocket}),
    ...(trust.caBundle === null ? {} : {extraCa: trust.caBundle.pems}),
    ...(clientCertificate === null ? {} : {clientCertificate}),
  }
}

/** The daemon's client for it. */
export function serviceClient(options: {
  readonly config: TunnelConfig
  readonly destination: HttpDestination
  readonly identity: ClientIdentity
}): ControlPlaneClient {
  const {controlPlane, mcp} = options.config
  const {version, instanceId} = options.identity
  const channels = mcp.bindings.map(({channel, kind}) => ({name: channel, processAffinity: kind === 'stdio'}))
  return createControlPlaneClient({
    ...controlPlane,
    destination: options.destination,
    version,
    instanceId,
    serverInfo: () => encodeServerInfo(channels),
    clock: systemClock,
    log: silentLogger,
  })
}

/**
 * Posts an answer to a request that nobody has made, under a random id and shard token: a service that takes answers from
 * this key does not know it, one that does not says so first. Nothing of anybody is touched.
 */
export function tryUse(client: ControlPlaneClient, {timeoutMs}: {timeoutMs: number}): Promise<RespondOutcome> {
  const requestId = `req_${crypto.randomUUID().replaceAll('-', '')}`
  const body = encodeResponse({
    requestId,
    channel: 'main',
    payload: null,
    headers: [],
    status: 200,
    type: 'notify_ack',
  })
  return new Promise((resolve) => {
    client.respond(
      {
        requestId,
        body,
        type: 'notify_ack',
        shardToken: crypto.randomUUID().replaceAll('-', ''),
        clientRequestId: null,
        deadline: systemClock.now() + timeoutMs,
      },
      resolve,
    )
  })
}
