import {gzipSync} from 'node:zlib'
import {describe, expect, it, onTestFinished} from 'vitest'
import {Secret} from '../../../../src/foundation/platform/index.ts'
import type {CancelReason} from '../../../../src/tunnel/channels/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, httpBinding, openHttpChannel, start} from '../../../support/open-channel.ts'
import {events, json, startRawHttpServer} from '../../../support/servers/raw-http-server.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"n":1}}'
const event = (data: string): string => `event: message\ndata: ${data}\n\n`

describe('bytes', () => {
  const odd = String.raw`{ "jsonrpc" : "2.0",  "id":9007199254740993, "method":"tools/call","x-unknown":[1.0],"params":{"a":9007199254740993,"b":1.0,"c":"\u2028 ${'\u2028'}","d":  1e3}}`
  const answer = String.raw`{"x":1, "id" : 9007199254740993 ,"result":{"n":9007199254740993,"f":1.0,"s":"\u2028 ${'\u2028'}"},  "jsonrpc":"2.0"}`

  it('arrive unchanged in both directions, as JSON', async () => {
    const {channel, server} = await openHttpChannel((_, reply) => json(reply, answer))
    const {response} = await call(channel, odd)
    expect(server.seen[0]!.body.toString()).toBe(odd)
    expect(response).toBe(answer)
  })

  it('arrive unchanged as events, cut anywhere', async () => {
    const {channel} = await openHttpChannel((_, reply) => {
      events(reply)
      const bytes = Buffer.from(`\ufeff: hello\r\nretry\r\n${event(NOTE)}${event(answer)}`)
      const cut = (at: number): void => {
        reply.write(bytes.subarray(at, at + 7))
        if (at + 7 < bytes.length) setImmediate(() => cut(at + 7))
        else reply.end()
      }
      cut(0)
    })
    const {response, notifications} = await call(channel, odd)
    expect(notifications).toEqual([NOTE])
    expect(response).toBe(answer)
  })

  it.each(['"a\\u0062c"', '-5', '18446744073709551616', '1.0'])('id %s comes back as it was sent', async (id) => {
    const {channel} = await openHttpChannel((_, reply) => json(reply, `{"jsonrpc":"2.0","id":${id},"result":1}`))
    const {response} = await call(channel, `{"jsonrpc":"2.0","id":${id},"method":"m"}`)
    expect(response).toBe(`{"jsonrpc":"2.0","id":${id},"result":1}`)
  })

  it.each([
    ['"a\\u0062c"', '"abc"'],
    ['1.0', '1'],
    ['9007199254740993', '9007199254740992'],
  ])('id %s is restored when the server spells it %s', async (id, spelled) => {
    const {channel} = await openHttpChannel((_, reply) => json(reply, `{"jsonrpc":"2.0","id":${spelled},"result":1}`))
    const {response} = await call(channel, `{"jsonrpc":"2.0","id":${id},"method":"m"}`)
    expect(response).toBe(`{"jsonrpc":"2.0","id":${id},"result":1}`)
  })

  it('are decoded by content encoding', async () => {
    const {channel} = await openHttpChannel((_, reply) => {
      reply.writeHead(200, {'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip'})
      reply.end(gzipSync(event(NOTE) + event(OK)))
    })
    const {response, notifications} = await call(channel, CALL)
    expect([notifications, response]).toEqual([[NOTE], OK])
  })
})

describe('headers', () => {
  it('of the command cross verbatim, over those of the configuration, over defaults', async () => {
    const {channel, server} = await openHttpChannel((_, reply) => json(reply, OK), {
      extraHeaders: [
        {name: 'X-Team', value: new Secret('ours')},
        {name: 'X-Own', value: new Secret('kept')},
      ],
    })
    await call(channel, CALL, [
      'x-team',
      'theirs',
      'X-Multi',
      'a',
      'X-Multi',
      'b',
      'Authorization',
      'Bearer t',
      'Host',
      'evil',
      'Content-Length',
      '7',
      'Transfer-Encoding',
      'chunked',
      'Expect',
      '100-continue',
      'Accept-Encoding',
      'br',
      'Connection',
      'X-Nominated',
      'X-Nominated',
      'n',
      'X-Name',
      'Zoë',
    ])
    const {headers, rawHeaders} = server.seen[0]!
    expect(headers).toMatchObject({
      'x-team': 'theirs',
      'x-own': 'kept',
      'x-multi': 'a, b',
      authorization: 'Bearer t',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      host: server.url.host,
      'content-length': String(CALL.length),
      'user-agent': 'tunnel-client-ts/0.0.0',
    })
    expect(Buffer.from(String(headers['x-name']), 'latin1').toString()).toBe('Zoë')
    expect(rawHeaders.map((name) => name.toLowerCase())).not.toEqual(expect.arrayContaining(['x-nominated']))
    expect(headers).not.toHaveProperty('accept-encoding')
    expect(headers).not.toHaveProperty('expect')
  })

  it('of the configuration that would frame the message are left out and named once; the server is reached', async () => {
    const framing = [
      'Content-Length',
      'transfer-encoding',
      'Trailer',
      'Upgrade',
      'Expect',
      'Connection',
      'Keep-Alive',
      'Host',
    ]
    const {channel, server, records} = await openHttpChannel((_, reply) => json(reply, OK), {
      extraHeaders: [...framing, 'X-Own'].map((name) => ({name, value: new Secret('canary')})),
    })
    expect((await call(channel, CALL)).response).toBe(OK)
    await channel.start()
    const {headers} = server.seen[0]!
    expect(headers).toMatchObject({'x-own': 'canary', host: server.url.host, 'content-length': String(CALL.length)})
    expect(Object.values(headers).filter((value) => value === 'canary')).toHaveLength(1)
    const named = records.filter(({message}) => message === 'mcp extra header cannot override protected header')
    expect(named.map(({level, attrs}) => [level, attrs.header])).toEqual(framing.map((name) => ['warn', name]))
    expect(JSON.stringify(records)).not.toContain('canary')
  })

  it.each([
    ['X Bad', 'v'],
    ['X-Bad', 'a\r\nX-Injected: 1'],
    ['', 'v'],
  ])('that cannot be sent are a typed 400: %j', async (name, value) => {
    const {channel, server} = await openHttpChannel((_, reply) => json(reply, OK))
    const {failure, settled} = await call(channel, CALL, [name, value])
    expect(failure).toMatchObject({status: 400, failure: 'bad_command', upstreamResponded: false})
    expect(failure!.message).not.toContain('Injected')
    expect([settled, server.seen.length]).toEqual([1, 0])
  })
})

describe('answers', () => {
  it('passes notifications on in order before the answer, and leaves out other events', async () => {
    const {channel} = await openHttpChannel((_, reply) => {
      const notes = Array.from({length: 500}, (_, n) => event(NOTE.replace('"n":1', `"n":${n}`)))
      events(reply).end(
        `event: ping\ndata: ${OK}\n\ndata:\n\ndata: not json\n\n${notes.join('')}${event(OK)}${event(NOTE)}`,
      )
    })
    const {notifications, response, settled} = await call(channel, CALL)
    expect(notifications.map((note) => JSON.parse(note).params.n)).toEqual(Array.from({length: 500}, (_, n) => n))
    expect([response, settled]).toEqual([OK, 1])
  })

  it('understands batches, capitals in content types and a missing type', async () => {
    const types = ['Application/JSON; charset=utf-8', '', 'TEXT/Event-Stream']
    const {channel} = await openHttpChannel((_, reply) => {
      const type = types.shift()!
      if (type !== '') reply.setHeader('Content-Type', type)
      reply.end(type.startsWith('T') ? event(`[${NOTE},\ndata: ${OK}]`) : `[${NOTE},${OK}]`)
    })
    for (let i = 0; i < 3; i++) {
      const {notifications, response} = await call(channel, CALL)
      expect([notifications, response]).toEqual([[NOTE], OK])
    }
  })

  it('delivers an unfinished last event when it is whole, also when the connection is cut', async () => {
    let cut = false
    const {channel} = await openHttpChannel((_, reply) => {
      events(reply).write(`data: ${OK}`, () => {
        if (cut) reply.destroy()
        else reply.end()
      })
      cut = true
    })
    for (let i = 0; i < 2; i++) expect((await call(channel, CALL)).response).toBe(OK)
  })

  it('acknowledges notifications at the headers', async () => {
    const {channel} = await openHttpChannel((_, reply) => {
      events(reply).flushHeaders()
    })
    expect((await call(channel, NOTE)).accepted).toMatchObject({status: 200})
  })

  it('uses its connections again', async () => {
    const {channel, server} = await openHttpChannel((_, reply) => events(reply).end(event(OK)))
    for (let i = 0; i < 10; i++) await call(channel, CALL)
    expect(server.connections()).toBe(1)
  })

  it('answers ping itself, refuses other requests of the server, and the call goes on', async () => {
    const {channel, server} = await openHttpChannel(({body}, reply) => {
      if (!body.includes('tools/call')) return void reply.writeHead(202).end()
      events(reply)
      reply.write(
        event('{"jsonrpc":"2.0","id":"p","method":"ping"}') +
          event('{"jsonrpc":"2.0","id":0,"method":"sampling/createMessage","params":{}}'),
      )
      const wait = setInterval(() => {
        if (server.seen.length < 3) return
        clearInterval(wait)
        reply.end(event(OK))
      }, 5)
    })
    const {response} = await call(channel, CALL, ['Mcp-Session-Id', 's1', 'Authorization', 'Bearer t'])
    expect(response).toBe(OK)
    const answers = server.seen.slice(1).map(({body}) => JSON.parse(body.toString()))
    expect(answers).toContainEqual({jsonrpc: '2.0', id: 'p', result: {}})
    expect(answers).toContainEqual({jsonrpc: '2.0', id: 0, error: {code: -32601, message: expect.any(String)}})
    for (const {headers} of server.seen)
      expect(headers).toMatchObject({'mcp-session-id': 's1', authorization: 'Bearer t'})
  })
})

describe('a stream that breaks', () => {
  it('is resumed from the last event id', async () => {
    const {channel, server} = await openHttpChannel(({method}, reply) => {
      if (method === 'POST') events(reply).end(`retry: 10\nid: e-1\ndata:\n\nid: e-2\n${event(NOTE)}`)
      else events(reply).end(event(OK))
    })
    const {response, notifications} = await call(channel, CALL, ['Mcp-Session-Id', 's1'])
    expect([notifications, response]).toEqual([[NOTE], OK])
    expect(server.seen[1]!.headers).toMatchObject({
      'last-event-id': 'e-2',
      accept: 'text/event-stream',
      'mcp-session-id': 's1',
    })
    expect(server.seen).toHaveLength(2)
  })

  it('is a 502 when no header can carry the last event id; any text can be one', async () => {
    const {channel, server} = await openHttpChannel(({method, url}, reply) => {
      const id = url === '/mcp' && server.seen.length === 1 ? 'a\u0001b' : 'é€'
      if (method === 'POST') events(reply).end(`retry: 1\nid: ${id}\n${event(NOTE)}`)
      else events(reply).end(event(OK))
    })
    expect((await call(channel, CALL)).failure).toMatchObject({status: 502, failure: 'mcp_stream_ended'})
    expect((await call(channel, CALL)).response).toBe(OK)
    expect(Buffer.from(String(server.seen.at(-1)!.headers['last-event-id']), 'latin1').toString()).toBe('é€')
  })

  it('is a 502 without event ids, and when the resuming is refused', async () => {
    let id = ''
    const {channel, server} = await openHttpChannel(({method}, reply) => {
      if (method === 'POST') events(reply).end(`retry: 1\n${id}${event(NOTE)}`)
      else reply.writeHead(405).end()
      id = 'id: 1\n'
    })
    const expected = {status: 502, source: 'transport_closed', kind: 'unexpected_eof', failure: 'mcp_stream_ended'}
    expect((await call(channel, CALL)).failure).toMatchObject(expected)
    expect((await call(channel, CALL)).failure).toMatchObject(expected)
    expect(server.seen.map(({method}) => method)).toEqual(['POST', 'POST', 'GET'])
  })
})

it('follows 307 on the same origin with the body, and takes nothing to another one', async () => {
  const other = await startRawHttpServer((_, reply) => json(reply, OK))
  onTestFinished(other.close)
  const {channel, server} = await openHttpChannel(({url}, reply) => {
    if (url === '/mcp') reply.writeHead(307, {Location: '/mcp/'}).end()
    else json(reply, OK)
  })
  expect((await call(channel, CALL, ['Authorization', 'Bearer t'])).response).toBe(OK)
  expect(server.seen[1]!).toMatchObject({url: '/mcp/', body: Buffer.from(CALL)})
  server.answer = (_, reply) => reply.writeHead(307, {Location: other.url.href}).end()
  expect((await call(channel, CALL, ['Authorization', 'Bearer t'])).failure).toMatchObject({
    status: 307,
    failure: 'redirected',
  })
  expect(other.seen).toEqual([])
})

describe('a call that is given up', () => {
  const open = async (headers: string[]) => {
    let gone = false
    const {channel, server} = await openHttpChannel((request, reply) => {
      if (request.body.includes('notifications/cancelled')) {
        reply.writeHead(202).end()
        return
      }
      reply.on('close', () => {
        gone = true
      })
      events(reply).write(event(NOTE))
    })
    const running = start(channel, CALL, headers)
    await eventually('the first notification', () => running.notifications.length === 1)
    const given = async (reason: CancelReason) => {
      running.handle.cancel(reason)
      await eventually('the server to see it', () => gone)
      await expect(Promise.race([running.done, Promise.resolve('silent')])).resolves.toBe('silent')
    }
    return {server, given}
  }

  it.each(['deadline', 'ttl', 'gone'] as const)('is cancelled in the words of the protocol: %s', async (reason) => {
    const {server, given} = await open(['Mcp-Session-Id', 's1', 'Authorization', 'Bearer t'])
    await given(reason)
    await eventually('the cancellation', () => server.seen.length === 2)
    expect(JSON.parse(server.seen[1]!.body.toString())).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: {requestId: JSON.parse(CALL).id, reason: expect.any(String)},
    })
    expect(server.seen[1]!.headers).toMatchObject({'mcp-session-id': 's1', authorization: 'Bearer t'})
  })

  it('is not cancelled twice when its caller has done so', async () => {
    const {server, given} = await open([])
    await given('caller')
    expect(server.seen).toHaveLength(1)
  })

  it('is only closed for a stateless server: to it that is the cancellation', async () => {
    const {server, given} = await open(['MCP-Protocol-Version', '2026-07-28'])
    await given('gone')
    expect(server.seen).toHaveLength(1)
  })
})

it('ends sessions with DELETE, and only then', async () => {
  const {channel, server} = await openHttpChannel((_, reply) => reply.writeHead(204).end())
  expect(
    await channel.terminateSession(['Mcp-Session-Id', 's1', 'Content-Type', 'application/json'], null),
  ).toMatchObject({status: 204})
  expect(server.seen[0]).toMatchObject({method: 'DELETE', headers: {'mcp-session-id': 's1'}})
  await server.close()
  expect(await channel.terminateSession([], null)).toMatchObject({status: 502})
})

it('refuses an address that is not HTTP', async () => {
  const {channel} = await openHttpChannel((_, reply) => json(reply, OK), {
    bindings: [httpBinding(new URL('ws://127.0.0.1:1/mcp'))],
  })
  await expect(channel.start()).rejects.toMatchObject({code: 'TC-CHANNEL-URL'})
})
