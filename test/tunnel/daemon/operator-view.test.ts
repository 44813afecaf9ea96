// The operator API of a whole daemon, read as an operator would: over HTTP, through a working tunnel, an outage, a refused key
// and a crash. Every document is held against its strict schema, and none may show a secret.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {loadConfig} from '../../../src/foundation/config/index.ts'
import {createIdentity, Secret} from '../../../src/foundation/platform/index.ts'
import {createTunnelService, type TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {createDaemon, type Daemon, openDaemonLog} from '../../../src/tunnel/daemon/index.ts'
import type {McpHealthDocument, StateDocument} from '../../../src/tunnel/ops/index.ts'
import {eventually} from '../../support/eventually.ts'
import {eventSchema, healthSchema, mcpHealthSchema, seriesSchema, stateSchema} from '../../support/operator-schemas.ts'
import {postMcp} from '../../support/post-mcp.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
const CANARY = 'canary-0123456789-secret'

let folder = ''
let service: TunnelService
let daemon: Daemon
let base = ''
/** The key that the daemon was given. */
let secret = ''
/** Everything that was read, to be searched for it. */
let seen = ''

/** Answers ping, initialize and tools/list; `die` ends it (`die for a while`: the next one says nothing while there is a file
 * `died`); answers `stray` with another id, too; shouts the key at stderr and names itself by it. */
const server = (key: string): string => `
import {existsSync, writeFileSync} from 'node:fs'
import {createInterface} from 'node:readline'
console.error('the key is ${key}')
while (existsSync(import.meta.dirname + '/died')) await new Promise((resolve) => setTimeout(resolve, 10))
for await (const line of createInterface({input: process.stdin})) {
  const {id, method} = JSON.parse(line)
  if (method === 'die for a while') writeFileSync(import.meta.dirname + '/died', '')
  if (method.startsWith('die')) process.exit(3)
  if (id === undefined) continue
  if (method === 'stray') console.log('{"jsonrpc":"2.0","id":"mine","result":{}}')
  const result = method === 'initialize'
    ? {protocolVersion: '2025-11-25', capabilities: {tools: {}}, serverInfo: {name: 'I am ${key}', version: '1'}}
    : method === 'tools/list' ? {tools: [{name: 'echo'}, {name: '${key}'}]} : {}
  console.log(JSON.stringify({jsonrpc: '2.0', id, result}))
}`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'operator-test-'))
  seen = ''
  service = await createTunnelService({
    tunnelId: TUNNEL,
    keys: [
      {name: 'runtime', value: new Secret(CANARY), scopes: ['read', 'use']},
      {name: 'admin', value: new Secret('admin-key-00000'), scopes: ['read', 'manage']},
    ],
  })
})
afterEach(async () => {
  await daemon.stop({drainMs: 0})
  await service.close()
  rmSync(folder, {recursive: true})
  expect(seen).not.toContain(secret)
})

async function start(flags: Record<string, string | string[]> = {}, key = CANARY): Promise<void> {
  secret = key
  writeFileSync(join(folder, 'server.mjs'), server(key))
  const config = await loadConfig({
    flags: {
      'control-plane.base-url': service.controlPlaneBaseUrl,
      'control-plane.tunnel-id': TUNNEL,
      'mcp.command': [`'${process.execPath}' '${join(folder, 'server.mjs')}'`],
      'health.listen-addr': '127.0.0.1:0',
      ...flags,
    },
    env: {CONTROL_PLANE_API_KEY: key, PATH: process.env.PATH},
    cwd: folder,
  })
  const identity = createIdentity('0.0.0')
  const log = await openDaemonLog({config, identity, stream: new PassThrough().resume()})
  daemon = createDaemon({config, identity, log})
  base = (await daemon.start()).health ?? ''
}

async function get(path: string): Promise<{status: number; text: string}> {
  const reply = await fetch(`${base}${path}`)
  const text = await reply.text()
  seen += text
  return {status: reply.status, text}
}

const state = async (): Promise<StateDocument> => stateSchema.parse(JSON.parse((await get('/api/state')).text))
const mcp = async (): Promise<McpHealthDocument> => mcpHealthSchema.parse(JSON.parse((await get('/health/mcp')).text))
const ready = () => eventually('ready', () => daemon.readiness().status === 200)

async function call(method: string, id: number | null = 1): Promise<string> {
  return await (await postMcp(service.mcpUrl, {...(id === null ? {} : {id}), method, params: {}})).text()
}

/** Frames of the stream as they come. */
async function stream(query = ''): Promise<{of(event: string): string[]; ended(): boolean}> {
  const reply = await fetch(`${base}/api/stream${query}`)
  let text = ''
  let ended = false
  void (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of reply.body ?? []) text += decoder.decode(chunk, {stream: true})
    seen += text
    ended = true
  })().catch(() => {})
  return {
    of: (event) =>
      [...text.matchAll(new RegExp(`^event: ${event}\\ndata: (.*)\\n\\n`, 'gm'))].map(([, data]) => data ?? ''),
    ended: () => ended,
  }
}

describe('a working tunnel', () => {
  test('is one snapshot that a page can be drawn from', async () => {
    await start()
    await ready()
    await call('initialize')
    await call('notifications/initialized', null)
    await call('tools/list')
    const document = await eventually('two calls', async () => {
      const read = await state()
      return read.channels[0]?.recent.calls === 2 ? read : null
    })
    expect(document.verdict).toMatchObject({status: 'ok', ok: true, who: []})
    expect(document.readyz).toEqual({status: 200, body: 'ready'})
    expect(document.hops.map(({id, status}) => [id, status])).toEqual([
      ['product', 'ok'],
      ['service', 'ok'],
      ['daemon', 'ok'],
      ['mcp', 'ok'],
    ])
    expect(document.channels[0]).toMatchObject({
      name: 'main',
      transport: 'stdio',
      target: process.execPath,
      gates: true,
    })
    expect(document.channels[0]?.child).toMatchObject({state: 'running', restarts: 0})
    expect(document.channels[0]?.child?.stderr.join()).toMatch(/^the key is \S+$/)
    expect(document.identity).toMatchObject({tunnel_id: TUNNEL, pid: process.pid, operator_url: base})
    const {columns} = seriesSchema.parse(JSON.parse((await get('/api/series?range=15m')).text))
    expect(columns.answered.reduce((sum: number, n) => sum + (n ?? 0), 0)).toBe(2)
    for (const path of ['/api/status', '/api/calls', '/metrics', '/readyz?format=json', '/health/control-plane'])
      expect((await get(path)).status, path).toBe(200)
  })

  test('shows what this very child has said, and nothing of it after the child was replaced', async () => {
    await start()
    await ready()
    const before = await mcp()
    expect(before).toMatchObject({status: 'ok', state: 'alive', details: {evidence: 'same_child', initialize_epoch: 0}})
    await call('initialize')
    await call('notifications/initialized', null)
    await call('tools/list')
    const discovered = await mcp()
    expect(discovered).toMatchObject({
      state: 'discovered',
      details: {initialize_epoch: 1, initialize: {ok: true}, tools_list: {complete: true, retained_count: 2}},
    })
    await call('die for a while', null)
    await eventually('lost', () => daemon.readiness().status === 503)
    const lost = await mcp()
    expect(lost).toMatchObject({status: 'degraded', state: 'lost', reason_code: 'child_exited'})
    expect(lost.details.liveness.ok).toBe(false)
    rmSync(join(folder, 'died'))
    await ready()
    const after = await eventually('the handshake was repeated', async () => {
      const read = await mcp()
      return read.details.initialize.ok ? read : null
    })
    expect(after.details.child_generation).not.toBe(discovered.details.child_generation)
    expect(after.details.tools_list.ok).toBe(false)
    expect((await state()).channels[0]?.child?.restarts).toBe(1)
  })

  test('health has no answer to what it does not know', async () => {
    await start()
    healthSchema.parse(JSON.parse((await get('/health')).text))
    const details = healthSchema.parse(JSON.parse((await get('/health?details=true')).text))
    expect(Object.keys(details.components ?? {})).toEqual(Object.keys(details.components ?? {}).toSorted())
    for (const query of ['?details=', '?details=1', '?details=true&details=true', '?x'])
      expect((await get(`/health${query}`)).status, query).toBe(400)
    expect((await get('/health/mcp?details=true')).status).toBe(400)
    expect((await get('/health/nothing')).status).toBe(404)
    expect((await get('/health/constructor')).status).toBe(404)
    expect((await fetch(`${base}/health`, {method: 'HEAD'})).status).toBe(405)
    expect((await fetch(`${base}/api/state`, {method: 'POST'})).headers.get('allow')).toBe('GET, HEAD')
  })
})

describe('trouble', () => {
  test('a call that failed shows what the caller named, without what is secret in it', async () => {
    await start()
    await ready()
    await call(`die ${CANARY}`)
    const {failures} = await eventually('the failure', async () => {
      const read = await state()
      return read.failures.length > 0 ? read : null
    })
    expect(failures[0]).toMatchObject({method: 'die [REDACTED]', failure_class: 'child_exited'})
  })

  test('a refused key: whose turn it is, and what to do', async () => {
    await start({}, 'wrong-key-000000')
    const {verdict, hops, poll} = await eventually('the refusal', async () => {
      const read = await state()
      return read.verdict.status === 'not_ready' && read.poll.state === 'failing' ? read : null
    })
    expect(verdict).toMatchObject({subject: 'control_plane', rung: 'auth', failure_class: 'key_invalid', who: ['you']})
    expect(verdict.next).not.toBeNull()
    expect(poll).toMatchObject({failure_class: 'key_invalid', status: 401})
    expect(hops.map(({status}) => status)).toEqual(['unknown', 'broken', 'blocked', 'blocked'])
  })

  test('an outage and its end are told on the stream, with the state', async () => {
    await start()
    await ready()
    const reader = await stream()
    await eventually('the first state', () => reader.of('state').length > 0)
    await service.close()
    await eventually('the outage', () => reader.of('event').some((data) => /"to":"not_ready"/.test(data)))
    const newest = await eventually('its state', () => {
      const read = stateSchema.parse(JSON.parse(reader.of('state').at(-1) ?? '{}'))
      return read.verdict.status === 'not_ready' ? read : null
    })
    expect(newest.changes.at(-1)).toMatchObject({from: 'ok', to: 'not_ready'})
    for (const data of reader.of('event')) eventSchema.parse(JSON.parse(data))
  })
})

test('a server that answers with an id nobody sent is a warning', async () => {
  await start()
  await ready()
  expect((await state()).warnings.filter(({id}) => id === 'stray_answers')).toEqual([])
  await call('stray')
  const [warning] = (await state()).warnings.filter(({id}) => id === 'stray_answers')
  expect(warning?.message).toContain('belong to no open request (main: 1)')
})

test('the stream carries calls, log and state, and ends with the daemon', async () => {
  await start()
  await ready()
  const reader = await stream()
  const only = await stream('?types=call')
  await call('tools/list')
  await eventually('the call', () => reader.of('call').some((data) => JSON.parse(data).outcome === 'answered'))
  const alone = await eventually('the call, for whoever reads calls only', () => only.of('call').at(-1))
  expect(JSON.parse(alone)).toMatchObject({method: 'tools/list', channel: 'main'})
  expect(only.of('state')).toEqual([])
  const began = performance.now()
  await daemon.stop({drainMs: 1000})
  await eventually('the end', () => reader.ended() && only.ended())
  expect(performance.now() - began).toBeLessThan(15_000)
  expect(reader.of('event').some((data) => JSON.parse(data).name === 'end')).toBe(true)
  expect(JSON.parse(reader.of('state').at(-1) ?? '{}').verdict.status).toBe('stopping')
})

test('pages of other origins and other hosts read nothing', async () => {
  await start({'health.listen-addr': '127.0.0.1:0'})
  const {port} = new URL(base)
  const {request} = await import('node:http')
  const status = (path: string, host: string): Promise<number> =>
    new Promise((resolve) => {
      request({port, host: '127.0.0.1', path, headers: {host}}, (reply) =>
        resolve(reply.resume().statusCode ?? 0),
      ).end()
    })
  for (const path of ['/api/state', '/api/stream', '/api/series', '/api/calls', '/health', '/health/mcp'])
    expect(await status(path, 'rebound.example'), path).toBe(403)
  expect(await status('/readyz', 'rebound.example')).not.toBe(403)
})
