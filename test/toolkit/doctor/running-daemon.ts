// A daemon of our own beside the doctor, as a person would have one running.

import {Writable} from 'node:stream'
import {onTestFinished} from 'vitest'
import {loadConfig} from '../../../src/foundation/config/index.ts'
import {createIdentity} from '../../../src/foundation/platform/index.ts'
import type {TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {createDaemon, openDaemonLog} from '../../../src/tunnel/daemon/index.ts'

/** Starts it and waits for the first accepted poll; it is stopped when the test ends. Returns its health URL. */
export async function runningDaemon(given: {
  service: TunnelService
  flags: Record<string, string | string[]>
}): Promise<string> {
  const {service, flags} = given
  const config = await loadConfig({
    flags: {
      'health.listen-addr': '127.0.0.1:0',
      'control-plane.base-url': service.controlPlaneBaseUrl,
      'control-plane.tunnel-id': service.tunnelId,
      ...flags,
    },
    env: {CONTROL_PLANE_API_KEY: service.runtimeKey.reveal(), PATH: process.env.PATH},
    cwd: process.cwd(),
  })
  const identity = createIdentity('0.0.0-test')
  const stream = new Writable({write: (_chunk, _encoding, done) => done()})
  const daemon = createDaemon({config, identity, log: await openDaemonLog({config, identity, stream})})
  const {health} = await daemon.start()
  onTestFinished(() => daemon.stop({drainMs: 0}))
  await daemon.pollSettled
  await daemon.probesSettled
  return health ?? ''
}
