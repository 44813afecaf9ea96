// The GET stream of a session through a whole tunnel: its response headers come when the server sends them, long before its first
// event, and a session that the server does not know is refused with the server's status.

import {availableParallelism, loadavg} from 'node:os'
import {afterEach, expect, test} from 'vitest'
import {Tunnel} from './tunnel.ts'

const tunnels: Tunnel[] = []
afterEach(async () => {
  for (const tunnel of tunnels.splice(0)) await tunnel.stop()
})

const JSON_AND_EVENTS = 'application/json, text/event-stream'

test('a session of the reference server opens its stream within two seconds', async () => {
  const tunnel = new Tunnel()
  tunnels.push(tunnel)
  const service = await tunnel.service()
  const daemon = await tunnel.daemon(service, await tunnel.everythingHttp())
  await daemon.ready()
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(service.mcpUrl, {
      method: 'POST',
      headers: {'content-type': 'application/json', accept: JSON_AND_EVENTS, ...headers},
      body: JSON.stringify({jsonrpc: '2.0', ...body}),
    })
  const clientInfo = {name: 'test', version: '1'}
  const params = {protocolVersion: '2025-06-18', capabilities: {}, clientInfo}
  const initialized = await post({id: 1, method: 'initialize', params})
  await initialized.text()
  const session = {'mcp-session-id': initialized.headers.get('mcp-session-id') ?? ''}
  await post({method: 'notifications/initialized'}, session)

  const get = (headers: Record<string, string>) =>
    fetch(service.mcpUrl, {
      headers: {accept: 'text/event-stream', ...headers},
      signal: AbortSignal.timeout(10_000),
    })
  const start = performance.now()
  const stream = await get(session)
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  expect(performance.now() - start).toBeLessThan(2000 * Math.max(1, loadavg()[0]! / availableParallelism()))
  await stream.body?.cancel()
  expect((await get({'mcp-session-id': 'unknown'})).status).toBeGreaterThanOrEqual(400)
})
