// Names of 60,000 letters wherever a peer chooses one that the daemon logs: neither CPU time nor records grow with them.

import {existsSync, readFileSync} from 'node:fs'
import {afterAll, beforeAll, expect, test, vi} from 'vitest'
import {eventually} from '../support/eventually.ts'
import {type ScriptedControlPlane, scriptedControlPlane} from '../support/scripted-control-plane.ts'
import {type Parrot, speakingParrot} from '../support/servers/parrot.ts'
import {type DaemonProcess, Tunnel} from './tunnel.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
const LONG = 'a'.repeat(60_000)
/** With a quadratic pattern one name alone took more than this. */
const MAX_CPU_SECONDS = 3
const TICKS_PER_SECOND = 100

vi.setConfig({testTimeout: 120_000, hookTimeout: 60_000})

const tunnel = new Tunnel()
let service: ScriptedControlPlane
let parrot: Parrot
let daemon: DaemonProcess

beforeAll(async () => {
  parrot = await speakingParrot()
  service = await scriptedControlPlane({tunnelId: TUNNEL})
  service.onMetadata = (_, response) => {
    response.writeHead(200, {'content-type': 'application/json'})
    response.end(JSON.stringify({id: TUNNEL, name: LONG, description: `${LONG}://${LONG}`}))
    return true
  }
  const target = {baseUrl: service.origin.origin, tunnelId: TUNNEL, runtimeKey: 'key-0123456789'}
  daemon = await tunnel.daemon(target, {http: `${parrot.url}/mcp`}, ['--log.format', 'json', '--log.level', 'debug'])
  await eventually('the first poll', () => service.polls.length > 0)
})
afterAll(async () => {
  await tunnel.stop()
  await Promise.all([service.close(), parrot.close()])
})

/** CPU time of the daemon so far, in seconds; 0 on systems that do not tell. */
function cpuSeconds(): number {
  if (!existsSync('/proc/self/stat')) return 0
  const stat = readFileSync(`/proc/${daemon.process.pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

let calls = 0
const call = (message: object, more: object = {}): object => ({
  ...{request_id: `req_${++calls}`, shard_token: 's', command_type: 'jsonrpc', channel: 'main', headers: {}},
  ...{created_at: new Date().toISOString(), response_timeout_ms: 30_000},
  jsonrpc: {jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name: 'x', arguments: {}}, ...message},
  ...more,
})

test.each<[string, () => object]>([
  ['the id of a request', () => call({id: LONG})],
  ['a method', () => call({method: LONG})],
  ['Mcp-Session-Id', () => call({}, {headers: {'Mcp-Session-Id': [LONG]}})],
  ['the name of a tool', () => call({params: {name: LONG}})],
  ['a method with an address that never ends', () => call({method: `${LONG}://${LONG}`})],
])('%s', async (_, make) => {
  const before = cpuSeconds()
  const command = make() as {request_id: string}
  service.enqueue(command)
  await service.terminal(command.request_id)
  expect((await daemon.get('/healthz')).status).toBe(200)
  expect(cpuSeconds() - before).toBeLessThan(MAX_CPU_SECONDS)
})

test('error, code and request id of the tunnel service', async () => {
  const before = cpuSeconds()
  let polls = 0
  service.onPoll = (_, response) => {
    if (++polls > 3) return false
    response.writeHead(503, {'content-type': 'application/json', 'x-request-id': 'a'.repeat(8000), 'retry-after': '0'})
    response.end(JSON.stringify({error: {code: LONG, message: `${LONG}://${LONG}`}}))
    return true
  }
  service.cut()
  await service.until('three refused polls', () => polls >= 3)
  expect((await daemon.get('/healthz')).status).toBe(200)
  expect((await daemon.get('/readyz')).body.length).toBeLessThan(16 * 1024)
  expect(cpuSeconds() - before).toBeLessThan(MAX_CPU_SECONDS)
})

test('no record exceeds 16 KiB', async () => {
  await eventually('records', () => daemon.process.stdout().includes('req_1'))
  const longest = Math.max(
    ...daemon.process
      .stdout()
      .split('\n')
      .map((line) => Buffer.byteLength(line)),
  )
  expect(longest).toBeGreaterThan(1000)
  expect(longest).toBeLessThanOrEqual(16 * 1024)
})
