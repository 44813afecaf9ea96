import {describe, expect, it} from 'vitest'
import type {TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {BOTH, call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import type {Daemon, PolledCommand} from './support/daemon.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const SAMPLING = (id: string): string =>
  `{"jsonrpc":"2.0", "id":${id}, "method":"sampling/createMessage","params":{"a": 1}}`

/** A call whose stream can be read while it is open. */
async function openCall(
  service: TunnelService,
  daemon: Daemon,
  options: {id?: number; headers?: Record<string, string>; body?: string} = {},
): Promise<{stream: RawSocket; command: PolledCommand}> {
  const stream = RawSocket.to(service.mcpUrl)
  const headers = {Accept: BOTH, ...options.headers}
  stream.write(httpBytes('POST', service.mcpUrlPath, {headers, body: options.body ?? toolCall(options.id ?? 1)}))
  return {stream, command: await daemon.next()}
}

/** The ids of the server's requests that the caller has seen, in order. */
const idsIn = (stream: RawSocket): string[] =>
  [...stream.received.toString().matchAll(/"(srv_[0-9a-f]{32})"/g)].map((match) => match[1]!)

/** Asks, and returns the id that the caller sees. */
async function asked(daemon: Daemon, stream: RawSocket, command: PolledCommand, id = '0'): Promise<string> {
  const before = idsIn(stream).length
  expect((await daemon.ask(command, SAMPLING(id))).status).toBe(200)
  await stream.until(() => idsIn(stream).length > before)
  return idsIn(stream).at(-1)!
}

const answerTo = (id: string, result = '{}'): string => `{"jsonrpc":"2.0","result":${result},"id":"${id}"}`

const REFUSED = {status: 400, code: -32600}
async function refusalOf(reply: Promise<{status: number; text: string}>) {
  const {status, text} = await reply
  return {status, code: JSON.parse(text).error.code as number}
}

describe('a request of the server', () => {
  it.each(['0', '"0"', '9007199254740993', '1.0', '-1e3', '"\\u0061\\""'])(
    'with the id %s reaches the caller under an id of ours, and the answer the server under its own',
    async (token) => {
      const service = await startService()
      const daemon = startDaemon(service)
      const {stream, command} = await openCall(service, daemon, {headers: {'Mcp-Session-Id': 's'}})
      expect(command).toMatchObject({server_requests: true})
      const id = await asked(daemon, stream, command, token)
      await stream.until(
        `data: {"jsonrpc":"2.0", "id":"${id}", "method":"sampling/createMessage","params":{"a": 1}}\n\n`,
      )
      const reply = call(service.mcpUrl, answerTo(id, '{"big": 9007199254740993}'), {
        headers: {'mcp-session-id': 's', 'x-own': '1'},
      })
      const {text, commands} = await daemon.poll()
      expect(text).toContain(`"jsonrpc":{"jsonrpc":"2.0","result":{"big": 9007199254740993},"id":${token}}`)
      const answer = commands[0]!
      expect(answer).toMatchObject({command_type: 'jsonrpc', channel: 'main', answers: command.request_id})
      expect(answer.headers).toMatchObject({'mcp-session-id': ['s'], 'x-own': ['1']})
      expect(answer.request_id).not.toBe(command.request_id)
      expect(answer.shard_token).not.toBe(command.shard_token)
      expect(answer).not.toHaveProperty('server_requests')
      expect(await daemon.ack(answer)).toBe(200)
      expect(await reply).toMatchObject({status: 202, text: ''})
      await daemon.respond(command)
      await stream.until('"result"')
      stream.destroy()
    },
  )

  it('may be answered with an error, and several in any order', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const first = await asked(daemon, stream, command, '1')
    const second = await asked(daemon, stream, command, '2')
    expect(first).not.toBe(second)
    for (const [id, token] of [
      [second, 2],
      [first, 1],
    ] as const) {
      const reply = call(service.mcpUrl, `{"jsonrpc":"2.0","id":"${id}","error":{"code":-1,"message":"no"}}`)
      const answer = await daemon.next()
      expect(answer.jsonrpc).toMatchObject({id: token, error: {code: -1}})
      await daemon.ack(answer)
      expect((await reply).status).toBe(202)
    }
    stream.destroy()
  })

  it.each([
    ['JSON only', {Accept: 'application/json'}, toolCall(1)],
    ['2026-07-28', {'MCP-Protocol-Version': '2026-07-28'}, toolCall(1)],
    ['2026-07-28 by its method header', {'Mcp-Method': 'tools/call'}, toolCall(1)],
    ['a notification', {}, '{"jsonrpc":"2.0","method":"notifications/initialized"}'],
  ])('is refused for a caller of %s, and the call goes on', async (_name, headers, body) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon, {headers, body})
    expect(command).not.toHaveProperty('server_requests')
    const {status, json} = await daemon.ask(command, SAMPLING('0'))
    expect([status, json.error?.code]).toEqual([400, 'server_request_not_possible'])
    await daemon.respond(command)
    await stream.until('"result"')
    expect(idsIn(stream)).toEqual([])
    stream.destroy()
  })

  it.each(['2025-11-25', '2025-06-18', '2025-03-26'])('is possible for callers of %s', async (version) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon, {headers: {'MCP-Protocol-Version': version}})
    await asked(daemon, stream, command)
    stream.destroy()
  })

  it('that a daemon posts twice, because it missed the acknowledgement, is shown once', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command, '7')
    expect((await daemon.ask(command, SAMPLING('7'))).status).toBe(200)
    await daemon.notify(command, {progress: 1})
    await stream.until('"progress":1')
    expect(idsIn(stream)).toEqual([id])
    stream.destroy()
  })

  it('that the server withdraws is withdrawn under the id that the caller knows; a late answer is swallowed', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command, '0')
    const cancelled = (token: string) =>
      `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${token},"reason":"0"}}`
    // The caller's own request has this number as well, and another server might have one.
    await daemon.ask(command, cancelled('"0"'))
    await daemon.ask(command, cancelled('0'))
    await stream.until(`data: ${cancelled('"0"')}\n\n`)
    await stream.until(`data: ${cancelled(`"${id}"`)}\n\n`)
    expect(await call(service.mcpUrl, answerTo(id))).toMatchObject({status: 202, text: ''})
    expect(service.snapshot()!.queued).toBe(0)
    stream.destroy()
  })

  it('is not harmed by a withdrawal that no JSON reader would take', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command, '"a"')
    for (const params of ['{"requestId":"\\q"}', '{requestId:1}']) {
      const odd = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`
      expect((await daemon.ask(command, odd)).status).toBe(200)
    }
    const reply = call(service.mcpUrl, answerTo(id))
    await daemon.ack(await daemon.next())
    expect((await reply).status).toBe(202)
    stream.destroy()
  })

  it('stops the clock of its call until it is answered', async () => {
    const service = await startService({responseTimeoutMs: 2000})
    const daemon = startDaemon(service, {features: 'cancel'})
    const {stream, command} = await openCall(service, daemon)
    expect(command).not.toHaveProperty('response_timeout')
    const id = await asked(daemon, stream, command)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    const reply = call(service.mcpUrl, answerTo(id))
    await daemon.ack(await daemon.next())
    expect((await reply).status).toBe(202)
    // And it runs on: the rest of the time is as long as it was.
    await stream.until('tunnel_response_timeout')
    const {commands} = await daemon.poll()
    expect(commands).toMatchObject([{command_type: 'cancel', cancels: command.request_id}])
    stream.destroy()
  })

  it('leaves response_timeout to daemons that cannot be told to stop', async () => {
    const service = await startService({responseTimeoutMs: 20_000})
    const {stream, command} = await openCall(service, startDaemon(service))
    expect(command).toMatchObject({server_requests: true, response_timeout: expect.any(String)})
    stream.destroy()
  })
})

describe('an answer', () => {
  it('is for the daemon that took the call, before everything that waits', async () => {
    const service = await startService()
    const [one, two] = ['a', 'b'].map((letter) => startDaemon(service, {instanceId: letter.repeat(32)})) as [
      Daemon,
      Daemon,
    ]
    const {stream, command} = await openCall(service, one)
    const id = await asked(one, stream, command)
    const waiting = call(service.mcpUrl, toolCall(2))
    await until(() => service.snapshot()!.queued === 1)
    const reply = call(service.mcpUrl, answerTo(id))
    await until(() => service.snapshot()!.queued === 2)
    const others = await two.poll()
    expect(others.commands.map(({jsonrpc}) => jsonrpc?.id)).toEqual([2])
    expect((await two.poll('timeout_ms=30')).status).toBe(204)
    const answer = await one.next()
    expect(answer.answers).toBe(command.request_id)
    await one.ack(answer)
    expect((await reply).status).toBe(202)
    await two.respond(others.commands[0]!)
    expect((await waiting).status).toBe(200)
    stream.destroy()
  })

  it('goes through when the line is full of calls', async () => {
    const service = await startService({queue: {maxCommands: 1}})
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command)
    const waiting = call(service.mcpUrl, toolCall(2))
    await until(() => service.snapshot()!.queued === 1)
    expect((await call(service.mcpUrl, toolCall(3))).status).toBe(429)
    const reply = call(service.mcpUrl, answerTo(id))
    await until(() => service.snapshot()!.queued === 2)
    const answer = await daemon.next()
    expect(answer.answers).toBe(command.request_id)
    await daemon.ack(answer)
    expect((await reply).status).toBe(202)
    await daemon.respond(await daemon.next())
    await waiting
    stream.destroy()
  })

  it('reaches the server though the caller did not wait for the acknowledgement', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command)
    const hasty = RawSocket.to(service.mcpUrl)
    hasty.write(httpBytes('POST', service.mcpUrlPath, {body: answerTo(id)}))
    await until(() => service.snapshot()!.queued === 1)
    hasty.destroy()
    await hasty.end()
    const answer = await daemon.next()
    expect(answer.answers).toBe(command.request_id)
    expect(await daemon.ack(answer)).toBe(200)
    stream.destroy()
  })

  it('that came too late is refused, not with a 404 that would end the session', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command)
    const reply = call(service.mcpUrl, answerTo(id))
    expect(await daemon.ack(await daemon.next(), 404)).toBe(200)
    const {status, text} = await reply
    expect([status, JSON.parse(text)]).toMatchObject([400, {id, error: {code: -32600}}])
    stream.destroy()
  })

  it('keeps the status with which its server refused it', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const reply = call(service.mcpUrl, answerTo(await asked(daemon, stream, command)))
    await daemon.ack(await daemon.next(), 401)
    expect((await reply).status).toBe(401)
    stream.destroy()
  })

  it('that is not acknowledged in time is 504', async () => {
    const service = await startService({responseTimeoutMs: 2000})
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command)
    expect((await call(service.mcpUrl, answerTo(id))).status).toBe(504)
    stream.destroy()
  })

  it('that nobody asked for is refused at once: made up, taken from another, given twice, or after the call', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const mine = await openCall(service, daemon, {headers: {'Mcp-Session-Id': 'mine'}})
    const id = await asked(daemon, mine.stream, mine.command)
    const post = (body: string, headers = {'mcp-session-id': 'mine'}, url = service.mcpUrl) =>
      refusalOf(call(url, body, {headers}))
    const ids = [`"srv_${'0'.repeat(32)}"`, '0', '"0"', 'null', '1.5', `"${id.toUpperCase()}"`, `"${id} "`]
    for (const other of ids) {
      expect(await post(`{"jsonrpc":"2.0","id":${other},"result":{}}`), other).toEqual(REFUSED)
    }
    expect(await post('{"jsonrpc":"2.0","result":{}}')).toEqual(REFUSED)
    expect(await post(answerTo(id), {'mcp-session-id': 'yours'})).toEqual(REFUSED)
    expect(await refusalOf(call(service.mcpUrl, answerTo(id)))).toEqual(REFUSED)
    expect(await post(answerTo(id), undefined, `${service.mcpUrl}/other`)).toEqual(REFUSED)
    // None of that has used it up.
    const reply = call(service.mcpUrl, answerTo(id), {headers: {'mcp-session-id': 'mine'}})
    await daemon.ack(await daemon.next())
    expect((await reply).status).toBe(202)
    expect(await post(answerTo(id))).toEqual(REFUSED)
    const late = await asked(daemon, mine.stream, mine.command, '1')
    await daemon.respond(mine.command)
    expect(await post(answerTo(late))).toEqual(REFUSED)
    expect(service.snapshot()).toMatchObject({queued: 0, inFlight: 0})
    mine.stream.destroy()
  })

  it('after the caller left its stream is refused, and the daemon is told that the call is over', async () => {
    const service = await startService()
    const daemon = startDaemon(service, {features: 'cancel'})
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command)
    stream.destroy()
    expect(await daemon.next()).toMatchObject({command_type: 'cancel', cancels: command.request_id})
    expect(await refusalOf(call(service.mcpUrl, answerTo(id)))).toEqual(REFUSED)
  })

  it('of a call whose daemon is gone ends with it', async () => {
    const service = await startService({clientGoneMs: 30})
    const daemon = startDaemon(service)
    const {stream, command} = await openCall(service, daemon)
    const id = await asked(daemon, stream, command)
    const reply = call(service.mcpUrl, answerTo(id))
    await until(() => service.snapshot()!.queued === 1)
    await daemon.die()
    const {status, text} = await reply
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'tunnel_client_not_connected'])
    await stream.until('tunnel_client_not_connected')
    stream.destroy()
  })
})
