import {once} from 'node:events'
import {connect} from 'node:net'
import {describe, expect, it} from 'vitest'
import {BOTH, call, eventsOf, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const STREAM = {resp_headers: {'Content-Type': ['text/event-stream; charset=utf-8'], 'Mcp-Session-Id': ['s']}}

describe('an answer', () => {
  it.each([
    ['application/json, text/event-stream', STREAM, 'text/event-stream'],
    ['application/json, text/event-stream;q=0.5', STREAM, 'text/event-stream'],
    ['application/json, text/event-stream', {}, 'application/json'],
    ['application/json', STREAM, 'application/json'],
    ['*/*', STREAM, 'application/json'],
    ['text/event-stream;q=0, */*', STREAM, 'application/json'],
  ])('to %s is a stream when the upstream answered with one', async (accept, members, type) => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall(1), {headers: {accept}})
    await daemon.respond(await daemon.next(), members)
    const {status, headers, text} = await reply
    expect([status, headers['content-type']]).toEqual([200, type])
    const message = {jsonrpc: '2.0', id: 1, result: {}}
    expect(type === 'application/json' ? [JSON.parse(text)] : eventsOf(text)).toEqual([message])
    if (type !== 'application/json') expect(headers['mcp-session-id']).toBe('s')
  })

  it('streams from the first notification on, and takes the headers of the first post', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(
      httpBytes('POST', service.mcpUrlPath, {
        headers: {Accept: 'application/json, text/event-stream'},
        body: toolCall(1),
      }),
    )
    const command = await daemon.next()
    expect(await daemon.notify(command, {progress: 1})).toBe(200)
    // It is there before the answer is.
    const head = await socket.until('"progress":1')
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: text\/event-stream\r\nCache-Control: no-cache\r\n/)
    await daemon.respond(command, {resp_code: 500})
    await socket.until('"result"')
    await socket.until('0\r\n\r\n')
    socket.destroy()
  })

  it('to a caller of JSON only leaves notifications out', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall(1), {headers: {accept: 'application/json'}})
    const command = await daemon.next()
    expect(await daemon.notify(command, {progress: 1})).toBe(200)
    await daemon.respond(command)
    expect((await reply).text).toBe('{"jsonrpc":"2.0","id":1,"result":{}}')
  })

  it('that says how a stream broke comes in the stream that the server had begun', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const broken = {...STREAM, resp_code: 502, resp_json: {jsonrpc: '2.0', id: 1, error: {code: -32603, message: 'm'}}}
    const reply = call(service.mcpUrl, toolCall(1))
    await daemon.respond(await daemon.next(), broken)
    const {status, headers, text} = await reply
    expect([status, headers['content-type'], headers['mcp-session-id']]).toEqual([200, 'text/event-stream', 's'])
    expect(eventsOf(text)).toEqual([broken.resp_json])
    const plain = call(service.mcpUrl, toolCall(1), {headers: {accept: 'application/json'}})
    await daemon.respond(await daemon.next(), broken)
    expect(await plain).toMatchObject({status: 502, headers: {'content-type': 'application/json'}})
  })

  it('with an error status stays an HTTP status as long as nothing was streamed', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall(1))
    await daemon.respond(await daemon.next(), {
      resp_code: 401,
      resp_headers: {'Content-Type': ['text/event-stream'], 'Www-Authenticate': ['Bearer']},
    })
    const {status, headers} = await reply
    expect([status, headers['www-authenticate'], headers['content-type']]).toEqual([401, 'Bearer', 'application/json'])
  })
})

it('delivers 2500 notifications in their order, none lost', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const reply = call(service.mcpUrl, toolCall(1))
  const command = await daemon.next()
  for (let progress = 0; progress < 2500; progress++) expect(await daemon.notify(command, {progress})).toBe(200)
  await daemon.respond(command)
  const events = eventsOf((await reply).text) as {params?: {progress: number}; id?: number}[]
  expect(events).toHaveLength(2501)
  expect(events.slice(0, -1).map((event) => event.params?.progress)).toEqual([...Array(2500).keys()])
  expect(events.at(-1)).toMatchObject({id: 1})
}, 180_000)

describe('a caller that does not read', () => {
  it('slows its daemon down instead of filling memory, and gets everything in order when it reads on', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const socket = connect(Number(new URL(service.mcpUrl).port), '127.0.0.1')
    socket.pause()
    socket.write(
      httpBytes('POST', service.mcpUrlPath, {
        headers: {Accept: 'application/json, text/event-stream', Connection: 'close'},
        body: toolCall(1),
      }),
    )
    const command = await daemon.next()
    const pad = 'x'.repeat(512 * 1024)
    let taken = 0
    const total = 80
    const sending = (async () => {
      for (let progress = 0; progress < total; progress++) {
        expect(await daemon.notify(command, {progress, pad})).toBe(200)
        taken++
      }
      expect(await daemon.respond(command)).toBe(200)
    })()
    // The buffers of both ends of a loopback connection fill, then the next post has to wait.
    await until(() => taken > 0)
    let before = -1
    while (before !== taken) {
      before = taken
      await new Promise((resolve) => setTimeout(resolve, 400))
    }
    expect(taken).toBeLessThan(total / 2)
    const chunks: Buffer[] = []
    const ended = once(socket, 'end')
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.resume()
    await sending
    await ended
    const text = Buffer.concat(chunks).toString('latin1')
    expect(text).toContain('"result"')
    const seen = [...text.matchAll(/"progress":(\d+)/g)].map((match) => Number(match[1]))
    expect(seen).toEqual([...Array(total).keys()])
  })

  it('lets an answer wait, also one that its daemon posts again because it heard nothing', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const socket = connect(Number(new URL(service.mcpUrl).port), '127.0.0.1')
    socket.pause()
    socket.write(
      httpBytes('POST', service.mcpUrlPath, {
        headers: {Accept: 'application/json, text/event-stream', Connection: 'close'},
        body: toolCall(1),
      }),
    )
    const command = await daemon.next()
    expect(await daemon.notify(command, {pad: 'x'.repeat(16 * 1024 * 1024)})).toBe(200)
    const heard: number[] = []
    const posts = [daemon.respond(command).then((status) => heard.push(status))]
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(heard).toEqual([])
    posts.push(daemon.respond(command).then((status) => heard.push(status)))
    await Promise.race(posts)
    expect(heard).toEqual([404])
    const chunks: Buffer[] = []
    const ended = once(socket, 'end')
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.resume()
    await Promise.all(posts)
    expect(heard).toEqual([404, 200])
    await ended
    expect(
      Buffer.concat(chunks)
        .toString('latin1')
        .match(/"result"/g),
    ).toHaveLength(1)
  })

  it('and hangs up leaves nobody waiting', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const socket = RawSocket.to(service.mcpUrl)
    socket.socket.pause()
    socket.write(
      httpBytes('POST', service.mcpUrlPath, {
        headers: {Accept: 'application/json, text/event-stream'},
        body: toolCall(1),
      }),
    )
    const command = await daemon.next()
    const pad = 'x'.repeat(4 * 1024 * 1024)
    const posts = [1, 2, 3, 4, 5, 6].map((progress) => daemon.notify(command, {progress, pad}))
    // The posts race each other on six connections: whichever comes first is written, some of the others have to wait.
    await Promise.race(posts)
    socket.destroy()
    const statuses = await Promise.all(posts)
    expect(statuses).toContain(404)
    expect(statuses.filter((status) => status !== 200 && status !== 404)).toEqual([])
    expect(service.snapshot()!.inFlight).toBe(0)
  })
})

describe('silence', () => {
  it('becomes a stream with keep-alives for those who accept one; the answer comes as an event', async () => {
    const service = await startService({silenceMs: 40})
    const daemon = startDaemon(service)
    const caller = RawSocket.to(service.mcpUrl)
    caller.write(
      httpBytes('POST', service.mcpUrlPath, {headers: {Accept: BOTH, Connection: 'close'}, body: toolCall(1)}),
    )
    const command = await daemon.next()
    await caller.until(() => caller.received.toString().split(': keep-alive\n\n').length > 2)
    await daemon.respond(command)
    const text = (await caller.end()).toString()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Content-Type: text\/event-stream\r\n/)
    expect(text.match(/^data: .*$/gm)).toEqual(['data: {"jsonrpc":"2.0","id":1,"result":{}}'])
  })

  it('keeps a stream alive that went silent after a notification', async () => {
    const service = await startService({silenceMs: 60})
    const daemon = startDaemon(service)
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(
      httpBytes('POST', service.mcpUrlPath, {
        headers: {Accept: 'application/json, text/event-stream'},
        body: toolCall(1),
      }),
    )
    const command = await daemon.next()
    await daemon.notify(command, {progress: 1})
    await socket.until('"progress":1')
    await socket.until(': keep-alive')
    await daemon.respond(command)
    await socket.until('"result"')
    socket.destroy()
  })

  it('stays silence for callers of JSON, for initialize (its answer has headers that matter) and for notifications', async () => {
    const service = await startService({silenceMs: 20})
    const daemon = startDaemon(service)
    const replies = [
      call(service.mcpUrl, toolCall(1), {headers: {accept: 'application/json'}}),
      call(service.mcpUrl, '{"jsonrpc":"2.0","id":2,"method":"initialize"}'),
      call(service.mcpUrl, '{"jsonrpc":"2.0","method":"notifications/x"}'),
    ]
    await until(() => service.snapshot()!.queued === 3)
    const {commands} = await daemon.poll()
    await new Promise((resolve) => setTimeout(resolve, 120))
    for (const command of commands) {
      const ack = command.jsonrpc?.id === undefined
      await daemon.respond(command, {
        resp_headers: {'Mcp-Session-Id': ['s']},
        ...(ack ? {resp_type: 'notify_ack', resp_json: undefined, resp_code: 202} : {}),
      })
    }
    const all = await Promise.all(replies)
    expect(all.map(({status}) => status)).toEqual([200, 200, 202])
    expect(all.map(({headers}) => headers['mcp-session-id'])).toEqual(['s', 's', 's'])
  })
})

describe('a time-out', () => {
  it('is 504 with a JSON error, and the call is forgotten', async () => {
    const service = await startService({responseTimeoutMs: 1500})
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall(1))
    const command = await daemon.next()
    const {status, text} = await reply
    expect(status).toBe(504)
    expect(JSON.parse(text).error).toMatchObject({code: 'tunnel_response_timeout', type: 'server_error'})
    expect(await daemon.respond(command)).toBe(404)
  })

  it('of a stream is a JSON-RPC error event, never a silent end', async () => {
    const service = await startService({responseTimeoutMs: 2000})
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, '{"jsonrpc":"2.0","id":"\\u0061","method":"m"}')
    const command = await daemon.next()
    await daemon.notify(command, {progress: 1})
    const {status, text} = await reply
    expect(status).toBe(200)
    expect(text).toContain('"id":"\\u0061"')
    expect(eventsOf(text).at(-1)).toMatchObject({
      id: 'a',
      error: {code: -32603, data: {code: 'tunnel_response_timeout', status: 504}},
    })
  })

  it('of a call that nobody came for says so', async () => {
    const service = await startService({responseTimeoutMs: 60})
    const never = await call(service.mcpUrl, toolCall(1))
    expect([never.status, JSON.parse(never.text).error.code]).toEqual([504, 'tunnel_client_not_seen'])
    const daemon = startDaemon(service)
    await daemon.poll('timeout_ms=1')
    await daemon.die()
    await until(() => service.snapshot()!.clients.length === 0)
    const left = await call(service.mcpUrl, toolCall(1))
    expect([left.status, JSON.parse(left.text).error.code]).toEqual([504, 'tunnel_client_not_connected'])
  })

  it('does not have to pass when no daemon has polled for long', async () => {
    const service = await startService({responseTimeoutMs: 0, clientLastSeenMs: 80})
    const {status, text} = await call(service.mcpUrl, toolCall(1))
    expect([status, JSON.parse(text).error.code]).toEqual([503, 'tunnel_client_not_seen'])
  })

  it('does not blame a daemon that is too busy to poll', async () => {
    const service = await startService({responseTimeoutMs: 0, clientLastSeenMs: 2000})
    const daemon = startDaemon(service)
    const first = call(service.mcpUrl, toolCall(1))
    const command = await daemon.next()
    const second = call(service.mcpUrl, toolCall(2))
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await daemon.respond(command)
    await daemon.respond(await daemon.next())
    expect([(await first).status, (await second).status]).toEqual([200, 200])
  })

  it('of zero never comes, while a daemon is there', async () => {
    const service = await startService({responseTimeoutMs: 0, clientLastSeenMs: 30})
    const daemon = startDaemon(service)
    const parked = daemon.poll('only=urgent').catch(() => null)
    await until(() => service.snapshot()!.parkedPolls === 1)
    const reply = call(service.mcpUrl, toolCall(1))
    await new Promise((resolve) => setTimeout(resolve, 150))
    await daemon.respond(await daemon.next())
    expect((await reply).status).toBe(200)
    await daemon.die()
    await parked
  })
})

it('ends a stream with an error event when the answer holds no message', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const reply = call(service.mcpUrl, toolCall(1))
  const command = await daemon.next()
  await daemon.notify(command, {progress: 1})
  expect(await daemon.respond(command, {resp_type: 'notify_ack', resp_json: undefined, resp_code: 502})).toBe(200)
  expect(eventsOf((await reply).text).at(-1)).toMatchObject({error: {data: {code: 'tunnel_client_invalid_response'}}})
})

it('answers everybody when it stops: callers, streams and polls', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const streamed = call(service.mcpUrl, toolCall(1))
  await daemon.notify(await daemon.next(), {progress: 1})
  const poll = daemon.poll('channel=other')
  const waiting = call(service.mcpUrl, toolCall(2))
  await until(() => service.snapshot()!.queued === 1 && service.snapshot()!.parkedPolls === 1)
  await service.close()
  expect((await poll).status).toBe(503)
  expect((await waiting).status).toBe(503)
  expect(eventsOf((await streamed).text).at(-1)).toMatchObject({id: 1, error: {data: {code: 'service_stopping'}}})
})
