// Daemons that share a tunnel: nothing is wrong with it, and whoever did not mean it is told.

import {expect, it} from 'vitest'
import type {Logger} from '../../../src/foundation/platform/index.ts'
import {httpBytes, RawSocket} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const QUERY = 'timeout_ms=1'

/** A log that keeps what it is told at `info`, and fails at anything worse. */
function keepInfo(): {log: Logger; told: {message: string; attrs: unknown}[]} {
  const told: {message: string; attrs: unknown}[] = []
  const worse = (message: string): never => {
    throw new Error(message)
  }
  const log = {
    debug: () => {},
    info: (message: string, attrs: unknown) => told.push({message, attrs}),
    warn: worse,
    error: worse,
  } as unknown as Logger
  return {log, told}
}

it('says once that several daemons serve a tunnel, and again when one had been alone', async () => {
  const {log, told} = keepInfo()
  const service = await startService({log})
  const [first, second, third] = ['one', 'two', 'three'].map((instanceId) => startDaemon(service, {instanceId}))
  await first!.poll(QUERY)
  await first!.poll(QUERY)
  expect(told).toEqual([])
  await second!.poll(QUERY)
  await third!.poll(QUERY)
  await second!.poll(QUERY)
  const message = 'several tunnel-clients serve this tunnel; each call goes to one of them'
  expect(told).toEqual([{message, attrs: {tunnel_id: service.tunnelId, clients: 2}}])
  for (const gone of [first, second, third]) await gone!.die()
  await until(() => service.snapshot()!.clients.length === 0)
  await startDaemon(service, {instanceId: 'four'}).poll(QUERY)
  expect(told.length).toBe(1)
  await startDaemon(service, {instanceId: 'five'}).poll(QUERY)
  expect(told.length).toBe(2)
})

it('does not wonder at many daemons on one connection, as a proxy may bring them', async () => {
  const service = await startService()
  const warnings: string[] = []
  const onWarning = ({name}: Error): void => void warnings.push(name)
  process.on('warning', onWarning)
  const socket = RawSocket.to(service.controlPlaneBaseUrl)
  for (let at = 0; at < 12; at++) {
    const headers = {
      Authorization: `Bearer ${service.runtimeKey.reveal()}`,
      'X-Tunnel-Client-Instance-Id': `daemon-${at}`,
    }
    socket.write(httpBytes('GET', `/v1/tunnels/${service.tunnelId}`, {headers}))
    await until(() => service.snapshot()!.clients.length === at + 1)
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
  socket.destroy()
  await until(() => service.snapshot()!.clients.length === 0)
})
