// What a daemon says of itself, read from whatever answers at its address.

import {createServer} from 'node:http'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {createHttpDoor, type HttpDoor} from '../../../src/foundation/platform/index.ts'
import {readDaemonStatus, somebodyListens} from '../../../src/toolkit/live/index.ts'
import {listenInTest} from '../../support/servers/loopback.ts'

let door: HttpDoor
beforeAll(() => {
  door = createHttpDoor()
})
afterAll(() => door.close())

async function answering(status: string, ready: [number, string] = [200, 'ready']): Promise<string> {
  const server = createServer((request, reply) => {
    if (request.url === '/readyz') return reply.writeHead(ready[0]).end(ready[1])
    reply.writeHead(200, {'Content-Type': 'application/json'}).end(status)
  })
  return `http://127.0.0.1:${await listenInTest(server)}`
}

test('everything it says', async () => {
  const url = await answering(
    JSON.stringify({
      version: '1.2.3',
      client_instance_id: 'abc',
      pid: 42,
      control_plane_tunnel_id: 'tunnel_x',
      control_plane_base_url: 'https://api.example',
      control_plane_poll: {state: 'failing'},
      supervisor_pid: 41,
      calls_in_flight: 3,
      last_poll_at: '2026-01-02T03:04:05.000Z',
      channels: [
        {name: 'main', transport_kind: 'stdio', probe_status: 'ok', details: [{key: 'command', value: 'node x'}]},
        {nonsense: true},
      ],
    }),
    [503, 'control plane poll failing: refused\n'],
  )
  expect(await readDaemonStatus(url, {door})).toEqual({
    baseUrl: url,
    tunnelId: 'tunnel_x',
    instanceId: 'abc',
    version: '1.2.3',
    pid: 42,
    supervisorPid: 41,
    callsInFlight: 3,
    lastPollAt: Date.parse('2026-01-02T03:04:05.000Z'),
    pollFailing: true,
    controlPlaneBaseUrl: 'https://api.example',
    channels: [{name: 'main', kind: 'stdio', probe: 'ok', error: null, command: 'node x'}],
    ready: false,
    readyText: 'control plane poll failing: refused',
  })
})

test.each(['{}', 'not json', '[]', 'null', '{"status":"ok"}'])('%s is no daemon', async (body) => {
  expect(await readDaemonStatus(await answering(body), {door})).toBeNull()
})

test('nobody there', async () => {
  expect(await readDaemonStatus('http://127.0.0.1:1', {door})).toBeNull()
  expect(await readDaemonStatus('nonsense', {door})).toBeNull()
  expect(await somebodyListens('http://127.0.0.1:1', {door})).toBe(false)
  expect(await somebodyListens(await answering('{}'), {door})).toBe(true)
})
