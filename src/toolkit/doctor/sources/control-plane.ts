// The tunnel service as the daemon would meet it: same destination, same client, same headers.

import type {TunnelConfig} from '../../../foundation/config/index.ts'
import {
  type ClientIdentity,
  type HttpDestination,
  type HttpDoor,
  silentLogger,
  systemClock,
} from '../../../foundation/platform/index.ts'
import {encodeResponse} from '../../../foundation/wire/index.ts'
import {
  type ControlPlaneClient,
  controlPlaneDestination,
  controlPlaneOptions,
  createControlPlaneClient,
  type RespondOutcome,
} from '../../../tunnel/control-plane/index.ts'

/** The service's destination, opened for a few requests. */
export function serviceDestination(config: TunnelConfig, door: HttpDoor): HttpDestination {
  return door.destination({...controlPlaneDestination(config), connections: 2})
}

/** The daemon's client for it. */
export function serviceClient(options: {
  readonly config: TunnelConfig
  readonly destination: HttpDestination
  readonly identity: ClientIdentity
}): ControlPlaneClient {
  const channels = options.config.mcp.bindings.map(({channel, kind}) => ({
    name: channel,
    processAffinity: kind === 'stdio',
  }))
  return createControlPlaneClient(controlPlaneOptions({...options, channels, clock: systemClock, log: silentLogger}))
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
