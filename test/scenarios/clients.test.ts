// Real MCP clients of three kinds call real MCP servers through the tunnel, over both transports.

import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {postMcp} from '../support/post-mcp.ts'
import {clientV1, clientV2, type SdkClient} from './sdk-clients.ts'
import {type Binding, type ServiceProcess, sdkServerStdio, Tunnel} from './tunnel.ts'

const EVERYTHING_TOOLS = ['echo', 'get-sum', 'trigger-long-running-operation']

const CLIENTS: readonly [string, (url: string) => Promise<SdkClient>][] = [
  ['SDK v1', clientV1],
  ['SDK v2', (url) => clientV2(url)],
  ['SDK v2 that asks for the newest era', (url) => clientV2(url, 'auto')],
]

describe.each(['stdio', 'http'] as const)('server-everything over %s', (transport) => {
  const tunnel = new Tunnel()
  let service: ServiceProcess
  beforeAll(async () => {
    service = await tunnel.service()
    const daemon = await tunnel.daemon(service, await tunnel.everything(transport))
    await daemon.ready()
  })
  afterAll(() => tunnel.stop())

  test.each(CLIENTS)('%s lists all tools, calls one, and sees progress in order', async (_name, connect) => {
    const client = await connect(service.mcpUrl)
    expect(await client.tools()).toEqual(expect.arrayContaining(EVERYTHING_TOOLS))
    expect(await client.call('echo', {message: 'through the tunnel'})).toBe('Echo: through the tunnel')
    const seen: number[] = []
    const answer = await client.call('trigger-long-running-operation', {duration: 1, steps: 5}, (step) =>
      seen.push(step),
    )
    expect(answer).toContain('completed')
    expect(seen).toEqual([1, 2, 3, 4, 5])
    await client.close()
    expect(client.errors).toEqual([])
  })

  test('a client that speaks 2025-06-18, as Codex does, gets a session and an answer', async () => {
    const post = (message: object, extra: Record<string, string> = {}): Promise<Response> =>
      postMcp(service.mcpUrl, message, extra)
    const opened = await post({
      id: 0,
      method: 'initialize',
      params: {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'codex-mcp-client', version: '0'}},
    })
    expect(opened.status).toBe(200)
    expect(await opened.text()).toContain('"protocolVersion":"2025-06-18"')
    const session = opened.headers.get('mcp-session-id')
    if (transport === 'http') expect(session).toBeTruthy()
    const more = {'mcp-protocol-version': '2025-06-18', ...(session ? {'mcp-session-id': session} : {})}
    expect((await post({method: 'notifications/initialized'}, more)).status).toBeLessThan(300)
    const call = {jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name: 'echo', arguments: {message: 'hi'}}}
    const answer = await post(call, more)
    expect(await answer.text()).toContain('Echo: hi')
  })
})

describe.each(['stdio', 'http'] as const)('a server of the 2026-07-28 era over %s', (transport) => {
  let tunnel: Tunnel
  let service: ServiceProcess
  // A new one for each client: a stdio server is one connection, and its first client decides the era.
  beforeEach(async () => {
    tunnel = new Tunnel()
    service = await tunnel.service()
    const binding: Binding = transport === 'stdio' ? sdkServerStdio : await tunnel.sdkServer()
    const daemon = await tunnel.daemon(service, binding)
    await daemon.ready()
  })
  afterEach(() => tunnel.stop())

  test.each([
    ['2026-07-28', (url: string) => clientV2(url, '2026-07-28')],
    ['auto', (url: string) => clientV2(url, 'auto')],
    ['initialize', (url: string) => clientV2(url)],
  ] as const)('a client of the era %s gets a 10 MB result and progress', async (_era, connect) => {
    const client = await connect(service.mcpUrl)
    expect(await client.tools()).toEqual(expect.arrayContaining(['wait', 'big']))
    expect((await client.call('big', {bytes: 10_000_000})).length).toBe(10_000_000)
    const seen: number[] = []
    await client.call('steps', {count: 50}, (step) => seen.push(step))
    expect(seen).toEqual(Array.from({length: 50}, (_, index) => index + 1))
    await client.close()
    expect(client.errors).toEqual([])
  })
})
