// What daemon and service really say to each other, recorded between the two and held against the contract: every path,
// header, status and member. Also with a service that knows the contract and nothing else, as the hosted one does.

import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {checkAnswer, checkTraffic, endpointOf} from '../support/control-plane-contract.ts'
import {eventually} from '../support/eventually.ts'
import {type RecordingProxy, startRecordingProxy} from '../support/recording-proxy.ts'
import {startRawHttpServer} from '../support/servers/raw-http-server.ts'
import {type Binding, type ServiceProcess, Tunnel} from './tunnel.ts'

const TRACED = fileURLToPath(new URL('./servers/traced-server.mjs', import.meta.url))
const STDIO: Binding = {stdio: [process.execPath, TRACED, '--stdio']}
/** What the reference sends with a poll; undici adds `Connection`. */
const POLL_HEADERS =
  'accept accept-encoding authorization connection host user-agent x-tunnel-client-instance-id x-tunnel-client-name x-tunnel-client-version x-tunnel-mcp-server-info'

let tunnel: Tunnel
let service: ServiceProcess
let proxy: RecordingProxy
let stop: (() => Promise<void>)[]
beforeEach(async () => {
  tunnel = new Tunnel()
  stop = [() => tunnel.stop()]
  service = await tunnel.service()
}, 120_000)
afterEach(async () => {
  for (const one of stop) await one()
})

const say = (body: unknown, {path = '', method = 'POST', headers = {}} = {}): Promise<Response> =>
  fetch(`${service.mcpUrl}${path}`, {
    method,
    headers: {'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers},
    ...(method === 'POST' ? {body: JSON.stringify(body)} : {}),
  })
const ask = async (id: unknown, method: string, params: unknown = {}, path = ''): Promise<number> => {
  const reply = await say({jsonrpc: '2.0', id, method, params}, {path})
  await reply.arrayBuffer()
  return reply.status
}

/** Answers as its caller asks: a status, an event stream with progress, a lost connection. */
async function odd(): Promise<Binding> {
  const server = await startRawHttpServer(({method, body}, reply) => {
    if (method !== 'POST') return void reply.writeHead(method === 'DELETE' ? 200 : 405).end()
    const {id, params} = JSON.parse(body.toString()) as {id?: unknown; params?: Record<string, unknown>}
    const result = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"odd","version":"1"}}}`
    if (params?.reset !== undefined) return void reply.destroy()
    if (params?.status !== undefined) {
      return void reply.writeHead(Number(params.status), {'Content-Type': 'text/plain'}).end(String(params.body ?? ''))
    }
    if (id === undefined) return void reply.writeHead(202).end()
    if (params?.steps === undefined) return void reply.writeHead(200, {'Content-Type': 'application/json'}).end(result)
    reply.writeHead(200, {'Content-Type': 'text/event-stream'})
    for (let step = 1; step <= Number(params.steps); step++) {
      reply.write(
        `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":${step}}}\n\n`,
      )
    }
    reply.end(`data: ${result}\n\n`)
  })
  stop.push(server.close)
  return {http: server.url.href}
}

async function start(binding: Binding, options: {plain?: boolean} = {}) {
  proxy = await startRecordingProxy(service.baseUrl, options)
  stop.push(proxy.close)
  const daemon = await tunnel.daemon({...service, baseUrl: proxy.url}, binding)
  await daemon.ready()
  return daemon
}

/** One of everything that callers do. */
async function use(transport: 'http' | 'stdio'): Promise<void> {
  const hello = {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'c', version: '1'}}
  expect(await ask(0, 'initialize', hello)).toBe(200)
  await say({jsonrpc: '2.0', method: 'notifications/initialized'})
  const calls = Array.from({length: 60}, (_, i) => ask(`call ${i}`, 'tools/call', {name: 'quick', i}))
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
  expect(await ask(1, 'tools/list', {}, '/nowhere')).toBe(400)
  const ended = await say(null, {method: 'DELETE', headers: {'mcp-session-id': 's'}})
  expect(ended.status).toBe(transport === 'http' ? 200 : 405)
  if (transport === 'stdio') {
    expect(await ask(2, 'tools/call', {name: 'broken'})).toBe(502)
    return
  }
  expect(await ask(3, 'tools/call', {steps: 5})).toBe(200)
  for (const status of [400, 401, 403, 404, 429, 500, 503]) {
    expect(await ask(status, 'tools/call', {status, body: status % 2 ? 'no JSON' : ''})).toBe(status)
    await say({jsonrpc: '2.0', method: 'notifications/odd', params: {status}})
  }
  for (const params of [{reset: 1}, {status: 204}, {status: 200, body: '<html>'}, {status: 302}]) {
    expect(await ask('odd', 'tools/call', params)).toBeGreaterThanOrEqual(300)
  }
}

describe.each(['http', 'stdio'] as const)('over %s', (transport) => {
  test('all that daemon and service say to each other is of the contract', async () => {
    const daemon = await start(transport === 'http' ? await odd() : STDIO)
    await use(transport)
    await daemon.process.stop()
    const {commands, answers} = checkTraffic(proxy.exchanges, service.runtimeKey)
    expect(commands).toBeGreaterThan(60)
    const kinds = ['jsonrpc_response', 'notify_ack', 'session_termination_response']
    expect(Object.keys(answers).sort()).toEqual(transport === 'http' ? ['jsonrpc_notify', ...kinds].sort() : kinds)
  }, 120_000)

  test('a service that knows nothing else is asked for nothing else', async () => {
    const daemon = await start(transport === 'http' ? await odd() : STDIO, {plain: true})
    await use(transport)
    await daemon.process.stop()
    checkTraffic(proxy.exchanges, service.runtimeKey)
    const polls = proxy.exchanges.filter((exchange) => endpointOf(exchange) === 'poll')
    for (const {headers, url} of polls) {
      expect([...headers.keys()].sort().join(' ')).toBe(POLL_HEADERS)
      expect([...url.searchParams.keys()]).toEqual(['limit', 'timeout_ms'])
    }
    expect(polls[0]!.url.search).toBe('?limit=20&timeout_ms=30000')
  }, 120_000)
})

test('refusals of the service are of the contract', async () => {
  proxy = await startRecordingProxy(service.baseUrl)
  stop.push(proxy.close)
  const asked = async (path: string, key: string, body?: string, more = {}): Promise<number> => {
    const headers = {authorization: `Bearer ${key}`, 'x-tunnel-shard-token': 's', ...more}
    const reply = await fetch(`${proxy.url}/v1/tunnels/${path}`, {headers, ...(body ? {method: 'POST', body} : {})})
    await reply.arrayBuffer()
    return reply.status
  }
  const {tunnelId: id, runtimeKey: key} = service
  const answer = '{"request_id":"nobody","resp_code":200,"resp_type":"notify_ack"}'
  const statuses = [
    await asked(`${id}/poll`, 'wrong'),
    await asked(`${id}/response`, 'wrong', answer),
    await asked(`${id}/response`, key, answer),
    await asked(id, key),
  ]
  expect(statuses).toEqual([401, 401, 404, 200])
  await eventually('the last record', () => proxy.exchanges.every(({answer}) => answer !== null))
  for (const exchange of proxy.exchanges) checkAnswer(exchange, endpointOf(exchange))
})
