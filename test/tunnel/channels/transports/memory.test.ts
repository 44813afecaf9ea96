import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js'
import {McpServer as McpServerV2} from '@modelcontextprotocol/server'
import {serveStdio} from '@modelcontextprotocol/server/stdio'
import {describe, expect, it, onTestFinished} from 'vitest'
import {z} from 'zod'
import type {MemoryBinding, ServerTransport} from '../../../../src/tunnel/channels/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, type Opened, openChannels, start} from '../../../support/open-channel.ts'

type SdkTransport = Parameters<McpServer['connect']>[0]

function makeServer(): McpServer {
  const server = new McpServer({name: 'inside', version: '1'})
  let calls = 0
  server.registerTool('wait', {inputSchema: {ms: z.number()}}, async ({ms}, {sendNotification, _meta}) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    const progressToken = _meta?.progressToken
    if (progressToken !== undefined) {
      await sendNotification({method: 'notifications/progress', params: {progressToken, progress: ms}})
    }
    return {content: [{type: 'text', text: `${ms}`}]}
  })
  server.registerTool('count', {}, (extra) => ({
    content: [{type: 'text', text: `${++calls} of ${extra.sessionId ?? 'nobody'}`}],
  }))
  return server
}

interface Rig extends Opened {
  readonly transports: ServerTransport[]
}

async function open(
  sessions: MemoryBinding['sessions'],
  connect: MemoryBinding['connect'] = (transport) => makeServer().connect(transport as SdkTransport),
  more: Partial<Parameters<typeof openChannels>[0]> = {},
): Promise<Rig> {
  const transports: ServerTransport[] = []
  const binding: MemoryBinding = {
    kind: 'memory',
    channel: 'main',
    sessions,
    connect: (transport) => {
      transports.push(transport)
      return connect(transport)
    },
  }
  const opened = openChannels({bindings: [binding], ...more})
  onTestFinished(opened.close)
  await opened.channel.start()
  return {...opened, transports}
}

const tool = (name: string, args: object = {}, token = '0'): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${JSON.stringify(args)},"_meta":{"progressToken":${token}}}}`
const wait = (ms: number, token: string): string => tool('wait', {ms}, token)
const INITIALIZE =
  '{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"0"}}}'

async function session({channel}: Opened): Promise<string[]> {
  const {response, head} = await call(channel, INITIALIZE)
  expect(response).toContain('"protocolVersion":"2025-06-18"')
  const headers = head?.headers ?? []
  expect(headers[0]).toBe('Mcp-Session-Id')
  await call(channel, '{"jsonrpc":"2.0","method":"notifications/initialized"}', headers)
  return [...headers]
}

describe('one server for everybody', () => {
  it('serves callers with the same ids at the same time', async () => {
    const {channel} = await open('shared')
    expect(await channel.probe()).toMatchObject({state: 'ok'})
    const outcomes = await Promise.all([30, 1, 15].map((ms) => call(channel, wait(ms, '"t"'))))
    for (const [n, ms] of [30, 1, 15].entries()) {
      const {response, notifications} = outcomes[n]!
      expect(JSON.parse(response!)).toMatchObject({id: 1, result: {content: [{text: `${ms}`}]}})
      expect(notifications.map((note) => JSON.parse(note).params)).toEqual([{progressToken: 't', progress: ms}])
    }
    expect(await channel.terminateSession([], null)).toEqual({status: 405, headers: []})
  })

  it('answers a payload that is garbage inside, without harm to others', async () => {
    const {channel} = await open('shared')
    const slow = start(channel, wait(50, '1'))
    const {response} = await call(channel, '{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"a":[tru]}}')
    expect(JSON.parse(response!)).toMatchObject({id: 'x', error: {code: -32700}})
    expect((await slow.done).response).toContain('"50"')
  })

  it('connects again when the server hangs up', async () => {
    const {channel, transports} = await open('shared')
    const pending = start(channel, wait(10_000, '1'))
    await transports[0]?.close()
    expect((await pending.done).failure).toMatchObject({source: 'transport_closed'})
    expect(channel.status().evidence.state).toBe('failed')
    await eventually('a new connection', () => transports.length === 2)
    expect((await call(channel, wait(1, '2'))).response).toContain('"1"')
    expect(channel.status().evidence.state).toBe('ok')
  })

  it('gives what a call says to that call, because the server tells which it is', async () => {
    const {channel} = await open('shared', (transport) => {
      const server = makeServer()
      server.server.registerCapabilities({logging: {}})
      server.registerTool('say', {inputSchema: {text: z.string()}}, async ({text}, {sendNotification}) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await sendNotification({method: 'notifications/message', params: {level: 'info', data: text}})
        await new Promise((resolve) => setTimeout(resolve, 20))
        return {content: []}
      })
      return server.connect(transport as SdkTransport)
    })
    const texts = ['for ann', 'for bob', 'for cleo']
    const outcomes = await Promise.all(texts.map((text) => call(channel, tool('say', {text}))))
    const heard = outcomes.map(({notifications}) => notifications.map((note) => JSON.parse(note).params.data))
    expect(heard).toEqual(texts.map((text) => [text]))
  })

  it('answers for a server that throws, and for an answer that is no JSON', async () => {
    const {channel, records} = await open('shared', (transport) => {
      transport.onmessage = (message) => {
        const {id, method} = message as {id: number; method: string}
        if (method === 'boom') throw new Error('out of cheese')
        void transport.send({jsonrpc: '2.0', id, result: {n: 1n}}).catch(() => {})
      }
      return transport.start()
    })
    const [boom, bigint] = await Promise.all(
      ['boom', 'tools/list'].map((method) => call(channel, `{"jsonrpc":"2.0","id":"a","method":"${method}"}`)),
    )
    for (const outcome of [boom, bigint]) {
      expect(JSON.parse(outcome?.response ?? '')).toMatchObject({id: 'a', error: {code: -32603}})
    }
    expect(records.map(({attrs}) => attrs.error)).toContain('out of cheese')
  })

  it('answers for a server whose handler rejects', async () => {
    const {channel, records} = await open('shared', (transport) => {
      transport.onmessage = async () => {
        await Promise.reject(new Error('later, out of cheese'))
      }
      return transport.start()
    })
    const {response} = await call(channel, '{"jsonrpc":"2.0","id":"a","method":"boom"}')
    expect(JSON.parse(response!)).toMatchObject({id: 'a', error: {code: -32603}})
    expect(records.map(({attrs}) => attrs.error)).toContain('later, out of cheese')
  })

  it('does not call a server well that hangs up as soon as it is connected', async () => {
    let polite = false
    const hangUp: MemoryBinding['connect'] = async (transport) => {
      await transport.start()
      if (!polite) await transport.close()
    }
    const message = expect.stringContaining('closed its connection')
    await expect(open('shared', hangUp)).rejects.toMatchObject({code: 'TC-CHANNEL-SERVER', message})
    polite = true
    const {channel, transports} = await open('shared', hangUp)
    expect(await channel.probe()).toMatchObject({state: 'ok'})
    polite = false
    const states: string[] = []
    channel.watch((event) => states.push(event.type === 'evidence' ? event.evidence.state : event.type))
    await transports[0]?.close()
    const waiting = call(channel, tool('count'))
    expect((await waiting).failure).toMatchObject({source: 'transport_closed', message})
    expect(states).not.toContain('ok')
    polite = true
    await eventually('another try', () => channel.status().evidence.state === 'ok')
  })
})

describe('a server for each session', () => {
  it('names the session, keeps sessions apart, and ends them', async () => {
    const opened = await open('each')
    const {channel} = opened
    const [ann, bob] = [await session(opened), await session(opened)]
    const count = async (headers: readonly string[]) => (await call(channel, tool('count'), headers)).response ?? ''
    expect(await count(ann)).toContain(`1 of ${ann[1]}`)
    expect(await count(ann)).toContain(`2 of ${ann[1]}`)
    expect(await count(bob)).toContain(`1 of ${bob[1]}`)
    expect(channel.status().details).toEqual([{key: 'sessions', value: '2'}])

    let closed = false
    const server = opened.transports.at(-1)
    const before = server?.onclose
    if (server)
      server.onclose = () => {
        closed = true
        before?.()
      }
    expect((await channel.terminateSession(bob, null)).status).toBe(200)
    expect(closed, 'the server object of that session heard of it').toBe(true)
    expect((await channel.terminateSession(bob, null)).status).toBe(404)
    const late = await call(channel, tool('count'), bob)
    expect(late.failure).toMatchObject({status: 404, upstreamResponded: true})
    expect(JSON.parse(late.failure?.preserved?.toString() ?? '')).toMatchObject({id: 1, error: {code: -32001}})
    expect(await count(ann)).toContain(`3 of ${ann[1]}`)
  })

  it('ends a session whose server hangs up, with an answer to what was in flight', async () => {
    const opened = await open('each')
    const ann = await session(opened)
    const pending = start(opened.channel, wait(10_000, '1'), ann)
    await opened.transports.at(-1)?.close()
    expect((await pending.done).failure).toMatchObject({source: 'transport_closed'})
    expect((await call(opened.channel, tool('count'), ann)).failure).toMatchObject({status: 404})
    await session(opened)
  })

  it('does not call a server well that hangs up as soon as a session is connected', async () => {
    let polite = true
    const {channel, transports} = await open('each', async (transport) => {
      await transport.start()
      if (!polite) await transport.close()
    })
    await channel.probe()
    polite = false
    const states: string[] = []
    channel.watch((event) => states.push(event.type === 'evidence' ? event.evidence.state : event.type))
    await transports[0]?.close()
    for (let n = 0; n < 3; n++) {
      expect((await call(channel, INITIALIZE)).failure).toMatchObject({source: 'transport_closed'})
    }
    expect(states).toContain('failed')
    expect(states).not.toContain('ok')
  })

  it('ends what nobody uses only where another one begins: neither a call nor a full house ends a session', async () => {
    let now = 1_000_000
    const opened = await open('each', undefined, {clock: {now: () => now, wall: () => now}})
    const ann = await session(opened)
    const count = async (headers: readonly string[]) => await call(opened.channel, tool('count'), headers)
    now += 2 * 3_600_000
    expect((await count(ann)).response).toContain('1 of ')
    for (let n = 1; n < 1000; n++) await call(opened.channel, INITIALIZE)
    expect((await count(ann)).response).toContain('2 of ')
    const bob = await session(opened)
    expect((await count(ann)).response).toContain('3 of ')
    expect((await count(bob)).response).toContain('1 of ')
    now += 2 * 3_600_000
    await session(opened)
    expect((await count(ann)).failure).toMatchObject({status: 404})
    expect(opened.channel.status().details).toEqual([{key: 'sessions', value: '1'}])
  })

  it('serves callers without a session, too', async () => {
    const {channel} = await open('each')
    expect((await call(channel, tool('count'))).response).toContain('1 of nobody')
  })

  it('says so at the start when the server cannot be made, and later to the caller', async () => {
    const broken = openChannels({
      bindings: [
        {kind: 'memory', channel: 'main', sessions: 'each', connect: () => Promise.reject(new Error('no db'))},
      ],
    })
    onTestFinished(broken.close)
    await expect(broken.channel.start()).rejects.toMatchObject({
      code: 'TC-CHANNEL-SERVER',
      message: 'the MCP server of channel "main" cannot be connected: no db',
    })

    let healthy = true
    const opened = await open('each', (transport) => {
      if (!healthy) throw new Error('no db')
      return makeServer().connect(transport as SdkTransport)
    })
    healthy = false
    const {failure} = await call(opened.channel, INITIALIZE)
    expect(failure).toMatchObject({status: 502, message: expect.stringContaining('no db')})
    expect(opened.channel.status().evidence).toMatchObject({state: 'failed'})
    healthy = true
    await session(opened)
    expect(opened.channel.status().evidence).toMatchObject({state: 'ok'})
  })

  it('serves both eras of the protocol at the same time, when its server can', async () => {
    const factory = (): McpServerV2 => {
      const server = new McpServerV2({name: 'both', version: '2'})
      server.registerTool('hello', {}, () => ({content: [{type: 'text', text: 'hi'}]}))
      return server
    }
    const opened = await open('each', (transport) => {
      serveStdio(factory, {transport: transport as NonNullable<Parameters<typeof serveStdio>[1]>['transport'] & object})
    })
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': {name: 't', version: '0'},
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const modern = (method: string, params: object = {}): string =>
      JSON.stringify({jsonrpc: '2.0', id: 1, method, params: {...params, _meta: meta}})
    const headers = ['Mcp-Protocol-Version', '2026-07-28']
    const ann = await session(opened)
    expect((await call(opened.channel, modern('server/discover'), headers)).response).toContain('2026-07-28')
    expect((await call(opened.channel, modern('tools/call', {name: 'hello'}), headers)).response).toContain('hi')
    expect((await call(opened.channel, tool('hello'), ann)).response).toContain('hi')
  })
})
