import {describe, expect, it} from 'vitest'
import type {TunnelService, TunnelServiceOptions} from '../../../src/service/tunnel-service/index.ts'
import {call, httpBytes, RawSocket} from './support/caller.ts'
import type {Daemon, PolledCommand} from './support/daemon.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const HEADERS = {accept: 'text/event-stream', 'mcp-session-id': 's', 'x-own': '1'}

const get = (service: TunnelService, headers: Record<string, string> = HEADERS) =>
  call(service.mcpUrl, '', {method: 'GET', headers})

async function world(options?: TunnelServiceOptions, features = 'cancel, session_stream') {
  const service = await startService(options)
  const daemon = startDaemon(service, {features})
  await daemon.poll('timeout_ms=1')
  return {service, daemon}
}

/** A stream that can be read while it is open. */
async function listen(service: TunnelService, daemon: Daemon): Promise<{stream: RawSocket; command: PolledCommand}> {
  const stream = RawSocket.to(service.mcpUrl)
  stream.write(httpBytes('GET', service.mcpUrlPath, {headers: {Accept: 'text/event-stream', 'Mcp-Session-Id': 's'}}))
  return {stream, command: await daemon.next()}
}

describe('GET of a session', () => {
  it('becomes a command without a time-out, and what the daemon posts comes as events until it acknowledges', async () => {
    const {service, daemon} = await world({responseTimeoutMs: 1000})
    const reply = get(service)
    const command = await daemon.next()
    expect(command).toMatchObject({command_type: 'session_stream', channel: 'main', server_requests: true})
    expect(command.headers).toEqual({accept: ['text/event-stream'], 'mcp-session-id': ['s'], 'x-own': ['1']})
    expect(command).not.toHaveProperty('jsonrpc')
    expect(command).not.toHaveProperty('response_timeout')
    await new Promise((resolve) => setTimeout(resolve, 1300))
    for (const progress of [1, 2, 3]) expect(await daemon.notify(command, {progress})).toBe(200)
    expect(await daemon.ack(command, 200)).toBe(200)
    const {status, headers, text} = await reply
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream'])
    expect([...text.matchAll(/"progress":(\d)/g)].map(([, n]) => n)).toEqual(['1', '2', '3'])
    expect(service.snapshot()!.inFlight).toBe(0)
  })

  it('is open as soon as its daemon says that the stream of the server is', async () => {
    const {service, daemon} = await world()
    const {stream, command} = await listen(service, daemon)
    expect(stream.received.length).toBe(0)
    expect(await daemon.respond(command, {resp_json: undefined, resp_type: 'jsonrpc_notify'})).toBe(200)
    expect(await stream.until('\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Content-Type: text\/event-stream\r\n/,
    )
    expect(await daemon.notify(command, {progress: 1})).toBe(200)
    await stream.until('"progress":1')
    stream.destroy()
  })

  it('carries requests of the server, whose answers find the daemon that listens', async () => {
    const {service, daemon} = await world()
    const {stream, command} = await listen(service, daemon)
    expect((await daemon.ask(command, '{"jsonrpc":"2.0","id":0,"method":"roots/list"}')).status).toBe(200)
    const [, id] = /"id":"(srv_\w+)"/.exec(await stream.until('roots/list'))!
    const reply = call(service.mcpUrl, `{"jsonrpc":"2.0","id":"${id}","result":{}}`, {headers: {'mcp-session-id': 's'}})
    const answer = await daemon.next()
    expect(answer).toMatchObject({answers: command.request_id, jsonrpc: {id: 0}})
    await daemon.ack(answer)
    expect((await reply).status).toBe(202)
    stream.destroy()
    expect(await daemon.next()).toMatchObject({command_type: 'cancel', cancels: command.request_id})
  })

  it.each([405, 404, 401, 502])('that the server answers with %i is answered so', async (code) => {
    const {service, daemon} = await world()
    const reply = get(service)
    await daemon.ack(await daemon.next(), code)
    expect((await reply).status).toBe(code)
  })

  it('that ends before anything came is an empty stream', async () => {
    const {service, daemon} = await world()
    const reply = get(service)
    await daemon.ack(await daemon.next(), 200)
    expect(await reply).toMatchObject({status: 200, headers: {'content-type': 'text/event-stream'}, text: ''})
  })

  it('is kept alive in silence, and ends without a made-up message when its daemon is gone', async () => {
    const {service, daemon} = await world({silenceMs: 30, clientGoneMs: 20})
    const {stream} = await listen(service, daemon)
    await stream.until(': keep-alive')
    await daemon.die()
    await stream.until('0\r\n\r\n')
    expect(stream.received.toString()).not.toContain('data:')
    stream.destroy()
  })

  it.each([
    ['no daemon can listen', 'cancel', HEADERS],
    ['it names no session', 'session_stream', {accept: 'text/event-stream'}],
    ['the caller takes no stream', 'session_stream', {...HEADERS, accept: 'application/json'}],
  ])('is 405 at once when %s', async (_name, features, headers) => {
    const {service} = await world({}, features)
    const {status, headers: answered} = await get(service, headers as Record<string, string>)
    expect([status, answered.allow]).toEqual([405, 'POST, DELETE'])
  })

  it('goes only to a daemon that can listen, and keeps none busy', async () => {
    const {service, daemon} = await world({clientLastSeenMs: 2000, responseTimeoutMs: 0})
    const old = startDaemon(service, {instanceId: 'b'.repeat(32)})
    const reply = get(service)
    await until(() => service.snapshot()!.queued === 1)
    expect((await old.poll('timeout_ms=30')).status).toBe(204)
    const command = await daemon.next()
    const unseen = await call(service.mcpUrl, '{"jsonrpc":"2.0","id":1,"method":"m"}')
    expect([unseen.status, JSON.parse(unseen.text).error.code]).toEqual([503, 'tunnel_client_not_seen'])
    await daemon.ack(command, 200)
    await reply
  })
})

describe('GET of a session, before the daemon can have said what it can do', () => {
  /** A daemon whose first poll waits. */
  async function begun(says: string | undefined) {
    const service = await startService()
    const daemon = startDaemon(service)
    const first = daemon.poll('timeout_ms=30000')
    await until(() => service.snapshot()!.parkedPolls === 1)
    const next = first.then((reply) => {
      daemon.features = says
      return {first: reply, second: daemon.poll('timeout_ms=30000')}
    })
    return {service, next}
  }

  it('has it asked at once: its poll is answered, and the next one tells', async () => {
    const {service, next} = await begun('session_stream')
    const replies = [get(service), get(service)]
    const {first, second} = await next
    expect([first.status, first.features]).toEqual([204, expect.stringContaining('session_stream')])
    const {commands} = await second
    expect(commands[0]).toMatchObject({command_type: 'session_stream'})
    await until(() => service.snapshot()!.queued + service.snapshot()!.inFlight === 2)
    const daemon = startDaemon(service, {features: 'session_stream'})
    while (commands.length < 2) commands.push(await daemon.next())
    for (const command of commands) await daemon.ack(command, 200)
    expect((await Promise.all(replies)).map(({status}) => status)).toEqual([200, 200])
  })

  it('is answered 405 as soon as it says that it cannot, and the daemon is not asked again', async () => {
    const {service, next} = await begun(undefined)
    expect((await get(service)).status).toBe(405)
    const {first, second} = await next
    expect(first.status).toBe(204)
    expect((await get(service)).status).toBe(405)
    void call(service.mcpUrl, JSON.stringify({jsonrpc: '2.0', id: 1, method: 'ping'}))
    expect((await second).commands).toMatchObject([{command_type: 'jsonrpc'}])
  })

  it('is forgotten when its caller leaves meanwhile', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const first = daemon.poll('timeout_ms=30000')
    await until(() => service.snapshot()!.parkedPolls === 1)
    const left = new AbortController()
    const reply = call(service.mcpUrl, '', {method: 'GET', headers: HEADERS, signal: left.signal})
    await first
    left.abort()
    await reply.catch(() => {})
    daemon.features = 'session_stream'
    expect((await daemon.poll('timeout_ms=200')).status).toBe(204)
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 0})
  })
})
