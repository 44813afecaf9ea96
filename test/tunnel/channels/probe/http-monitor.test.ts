import {describe, expect, it, onTestFinished} from 'vitest'
import {Secret} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, httpBinding, type Opened, openChannels, openHttpChannel, start} from '../../../support/open-channel.ts'
import {quietPort} from '../../../support/servers/loopback.ts'
import {
  handshakeServer,
  json,
  type RawAnswer,
  type RawHttpServer,
  startRawHttpServer,
} from '../../../support/servers/raw-http-server.ts'

/** A port where nobody listens, and a way to start a server there. */
async function deadPort(): Promise<{url: URL; revive(answer: RawAnswer): Promise<RawHttpServer>}> {
  const port = await quietPort()
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    revive: async (answer) => {
      const revived = await startRawHttpServer(answer, {port})
      onTestFinished(revived.close)
      return revived
    },
  }
}

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const messages = ({records}: Opened, level?: string): string[] =>
  records.filter((record) => level === undefined || record.level === level).map(({message}) => message)

describe('the startup probe', () => {
  it('shakes hands, looks around, and ends its session, with the headers of discovery', async () => {
    const opened = await openHttpChannel(handshakeServer, {
      extraHeaders: [
        {name: 'X-A', value: new Secret('run')},
        {name: 'X-B', value: new Secret('run')},
      ],
      discoveryExtraHeaders: [{name: 'x-b', value: new Secret('disc')}],
    })
    const evidence = await opened.channel.probe()
    const server = {name: 'raw', version: '1.2.3', protocolVersion: '2025-11-25'}
    expect(evidence).toMatchObject({state: 'ok', server})
    const {seen} = opened.server
    expect(seen.map(({method}) => method)).toEqual(['POST', 'POST', 'GET', 'DELETE'])
    for (const {headers} of seen) expect(headers).toMatchObject({'x-a': 'run', 'x-b': 'disc'})
    for (const {headers} of seen.slice(1)) {
      expect(headers).toMatchObject({'mcp-session-id': 's-1', 'mcp-protocol-version': '2025-11-25'})
    }
    expect(JSON.parse(seen[0]!.body.toString())).toMatchObject({
      method: 'initialize',
      params: {clientInfo: {name: 'tunnel-client-ts'}},
    })
    const said = opened.records.find(({message}) => message === 'mcp session initialized')
    expect(said?.attrs).toMatchObject({protocol_version: '2025-11-25', server_name: 'raw', server_version: '1.2.3'})
    await call(opened.channel, PING)
    expect(seen.at(-1)!.headers).toMatchObject({'x-a': 'run', 'x-b': 'run'})
  })

  it('announces itself only when it may, but settles at once', async () => {
    let announce = (): void => {}
    const opened = await openHttpChannel(handshakeServer, {
      announce: new Promise<void>((resolve) => {
        announce = resolve
      }),
    })
    await opened.channel.probe()
    expect(opened.channel.status().evidence.state).toBe('ok')
    expect(messages(opened)).not.toContain('mcp session initialized')
    announce()
    await eventually('the line', () => messages(opened).includes('mcp session initialized'))
  })

  it('turns to server/discover where initialize is refused', async () => {
    const {channel, server} = await openHttpChannel(({body}, reply) => {
      const {id, method} = JSON.parse(body.toString()) as {id: number; method: string}
      const _meta = {'io.modelcontextprotocol/serverInfo': {name: 'new', version: '2'}}
      if (method === 'server/discover') json(reply, JSON.stringify({jsonrpc: '2.0', id, result: {_meta}}))
      else json(reply, JSON.stringify({jsonrpc: '2.0', id, error: {code: -32601, message: 'gone'}}), 400)
    })
    expect(await channel.probe()).toMatchObject({state: 'ok', server: {name: 'new', protocolVersion: '2026-07-28'}})
    expect(server.seen[1]!.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'server/discover',
    })
  })

  it('takes 401 for a server that lives', async () => {
    const opened = await openHttpChannel((_, reply) => reply.writeHead(401).end())
    const evidence = await opened.channel.probe()
    expect(evidence).toMatchObject({
      state: 'auth_required',
      message: 'calling "initialize": sending "initialize": Unauthorized',
    })
    expect(opened.server.seen).toHaveLength(1)
  })

  it('names other refusals', async () => {
    const opened = await openHttpChannel((_, reply) => reply.writeHead(503).end())
    expect(await opened.channel.probe()).toMatchObject({
      state: 'failed',
      failure: 'mcp_status',
      message: 'calling "initialize": sending "initialize": Service Unavailable',
    })
    expect(messages(opened, 'error')).toContain('failed to connect to mcp')
  })

  it('calls silence a timeout, counts, and notices the end of it', async () => {
    const opened = await openHttpChannel(() => {})
    expect(await opened.channel.probe()).toMatchObject({state: 'timeout', failures: 1})
    expect(messages(opened, 'error')).toContain('mcp probe timed out')
    await eventually('a second failure', () => {
      const {evidence} = opened.channel.status()
      return evidence.state === 'timeout' && evidence.failures >= 2
    })
    opened.server.answer = handshakeServer
    await eventually('recovery', () => opened.channel.status().evidence.state === 'ok', {timeoutMs: 20_000})
  })

  it('is repeated when the time of a call was over before anything came', async () => {
    const opened = await openHttpChannel(handshakeServer)
    await opened.channel.probe()
    opened.server.answer = () => {}
    start(opened.channel, PING).handle.cancel('deadline')
    await eventually('the time-out', () => opened.channel.status().evidence.state === 'timeout')
    opened.server.answer = handshakeServer
    await eventually('recovery', () => opened.channel.status().evidence.state === 'ok', {timeoutMs: 20_000})
  })

  it('waits for a server that starts late, as long as it was told to', async () => {
    const {url, revive} = await deadPort()
    const opened = openChannels({bindings: [httpBinding(url)], startupWaitTimeout: 20_000})
    onTestFinished(opened.close)
    const settled = opened.channel.probe()
    await eventually('a retry', () => messages(opened, 'warn').includes('retrying MCP startup probe'))
    await revive(handshakeServer)
    expect(await settled).toMatchObject({state: 'ok'})
  })

  it('says so when the wait was in vain', async () => {
    const {url} = await deadPort()
    const opened = openChannels({bindings: [httpBinding(url)], startupWaitTimeout: 300})
    onTestFinished(opened.close)
    const evidence = await opened.channel.probe()
    expect(evidence).toMatchObject({
      state: 'failed',
      failure: 'refused',
      message: expect.stringMatching(/^mcp startup wait timed out after 0\.3s: /),
    })
    expect(messages(opened, 'error')).toContain('MCP startup wait timed out')
  })

  it('keeps its lines for main', async () => {
    const server = await startRawHttpServer(handshakeServer)
    onTestFinished(server.close)
    const opened = openChannels({bindings: [httpBinding(server.url, 'other')]})
    onTestFinished(opened.close)
    expect(await opened.channel.probe()).toMatchObject({state: 'ok'})
    expect(messages(opened)).toEqual([])
  })
})

describe('afterwards', () => {
  it('a refused call loses the evidence at once, and the server is noticed soon after it is back', async () => {
    const opened = await openHttpChannel(handshakeServer, {}, {port: await quietPort()})
    await opened.channel.probe()
    await opened.server.close()
    // The first call may still meet the connection that is being closed.
    await eventually('a refused call', async () => (await call(opened.channel, PING)).failure?.failure === 'refused')
    expect(opened.channel.status().evidence).toMatchObject({state: 'failed', failure: 'refused'})
    const revived = await startRawHttpServer(handshakeServer, {port: opened.server.port})
    onTestFinished(revived.close)
    await eventually('recovery', () => opened.channel.status().evidence.state === 'ok', {timeoutMs: 10_000})
  })

  it('real answers count, whatever they say below 500', async () => {
    const {url, revive} = await deadPort()
    const opened = openChannels({bindings: [httpBinding(url)]})
    onTestFinished(opened.close)
    expect(await opened.channel.probe()).toMatchObject({state: 'failed', failure: 'refused'})
    await revive((_, reply) => json(reply, '{}', 404))
    await call(opened.channel, PING)
    expect(opened.channel.status().evidence.state).toBe('ok')
  })

  it('a 500 of one call is a reason to look, not a verdict', async () => {
    const opened = await openHttpChannel(handshakeServer)
    await opened.channel.probe()
    const before = opened.server.seen.length
    opened.server.answer = (request, reply) => {
      if (request.body.includes('"ping"')) reply.writeHead(500).end()
      else handshakeServer(request, reply)
    }
    for (let i = 0; i < 20; i++) expect((await call(opened.channel, PING)).failure).toMatchObject({status: 500})
    expect(opened.channel.status().evidence.state).toBe('ok')
    await eventually('another handshake', () => opened.server.seen.length >= before + 24, {timeoutMs: 20_000})
    expect(opened.channel.status().evidence.state).toBe('ok')
  })

  it('tells those who watch of changes, once each', async () => {
    const opened = await openHttpChannel(handshakeServer, {}, {port: await quietPort()})
    const states: string[] = []
    const told: string[] = []
    opened.channel.watch((event) => {
      if (event.type !== 'evidence') return
      states.push(event.evidence.state)
      told.push(JSON.stringify({...event.evidence, at: 0}))
    })
    await opened.channel.probe()
    for (let i = 0; i < 5; i++) await call(opened.channel, PING)
    await opened.server.close()
    await eventually('a refused call', async () => (await call(opened.channel, PING)).failure?.failure === 'refused')
    for (let i = 0; i < 5; i++) await call(opened.channel, PING)
    // A handshake that looks again may say the same in other words; no state is told twice in the same ones.
    expect(states.filter((state, at) => state !== states[at - 1])).toEqual(['ok', 'failed'])
    expect(told.filter((one, at) => one === told[at - 1])).toEqual([])
  })
})
