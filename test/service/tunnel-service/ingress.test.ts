import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import {call, httpBytes, RawSocket, toolCall} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const MiB = 1024 * 1024

describe('a body that is no call is refused at once', () => {
  it.each([
    ['nothing', '', -32700, null],
    ['no JSON', '{"jsonrpc":"2.0","id":1,', -32700, null],
    ['garbage inside', '{"jsonrpc":"2.0","id":1,"method":"m","params":{x}}', -32700, null],
    [
      'a control character in a long string',
      `{"jsonrpc":"2.0","id":1,"method":"m","params":["${'x'.repeat(99)}\n"]}`,
      -32700,
      null,
    ],
    ['two values', '{"jsonrpc":"2.0","id":1,"method":"m"}{}', -32700, null],
    ['two byte order marks', '\ufeff\ufeff{"jsonrpc":"2.0","id":1,"method":"m"}', -32700, null],
    ['bytes that are not UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}', 'latin1'), -32700, null],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"m"}]', -32600, null],
    ['a string', '"x"', -32600, null],
    ['no version', '{"id":1,"method":"m"}', -32600, 1],
    ['another version', '{"jsonrpc":"1.0","id":"a","method":"m"}', -32600, 'a'],
    ['an id that is a list', '{"jsonrpc":"2.0","id":[1],"method":"m"}', -32600, null],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{"a":1},"method":"m"}', -32600, null],
    ['an id that is null', '{"jsonrpc":"2.0","method":"tools/call","\\u0069d":null}', -32600, null],
    ['an id that is true', '{"jsonrpc":"2.0","id":true,"method":"m"}', -32600, null],
    ['two ids', '{"jsonrpc":"2.0","id":1,"method":"m","id":2}', -32600, null],
    ['an empty method', '{"jsonrpc":"2.0","id":5,"method":""}', -32600, 5],
    ['a method that is a number', '{"jsonrpc":"2.0","id":5,"method":1}', -32600, 5],
    ['an answer nobody asked for', '{"jsonrpc":"2.0","id":7,"result":{}}', -32600, 7],
  ])('%s', async (_name, body, code, id) => {
    const service = await startService()
    const reply = await call(service.mcpUrl, body as string)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.text)).toMatchObject({jsonrpc: '2.0', id, error: {code}})
    expect(service.snapshot()!.queued).toBe(0)
  })

  it('with the id as it was written', async () => {
    const service = await startService()
    const {text} = await call(service.mcpUrl, '{"jsonrpc":"2.1","id":9007199254740993,"method":"m"}')
    expect(text).toContain('"id":9007199254740993,')
  })
})

describe('addresses and methods', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s is answered 405 with Allow', async (method) => {
    const service = await startService()
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(httpBytes(method, service.mcpUrlPath, {headers: {Connection: 'close'}}))
    const text = (await socket.end()).toString()
    expect(text).toMatch(/^HTTP\/1\.1 405 /)
    expect(text).toMatch(method === 'GET' ? /\r\nAllow: POST, DELETE\r\n/ : /\r\nAllow: POST, DELETE, GET\r\n/)
  })

  it.each([
    ['/v1/mcp/tunnel_short', 400, 'invalid_tunnel_id_format'],
    [`/v1/mcp/tunnel_${'z'.repeat(32)}`, 404, 'tunnel_not_found'],
    ['/v1/mcp', 404, 'unknown_url'],
    ['/', 404, 'unknown_url'],
  ])('%s is answered %i', async (path, status, code) => {
    const service = await startService()
    const reply = await call(new URL(path, service.mcpUrl).href, toolCall(1))
    expect([reply.status, JSON.parse(reply.text).error.code]).toEqual([status, code])
  })

  it('reads a channel from the path, and main from a trailing slash', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    for (const [suffix, channel] of [
      ['/', 'main'],
      ['/Tools', 'tools'],
      ['/a_b-1/', 'a_b-1'],
    ] as const) {
      const reply = call(service.mcpUrl + suffix, toolCall(1))
      const command = await daemon.next()
      expect(command.channel).toBe(channel)
      await daemon.respond(command)
      expect((await reply).status).toBe(200)
    }
    const bad = await call(`${service.mcpUrl}/a.b`, toolCall(1))
    expect([bad.status, JSON.parse(bad.text).error.code]).toEqual([400, 'invalid_channel_format'])
    expect((await call(`${service.mcpUrl}/a/b`, toolCall(1))).status).toBe(404)
  })
})

describe('header fields', () => {
  it('that are hop-by-hop, nominated, about the way here or secret of the ingress stay behind', async () => {
    const service = await startService({ingressToken: new Secret('t0ken')})
    const daemon = startDaemon(service)
    const socket = RawSocket.to(service.mcpUrl)
    const kept = {
      Authorization: 'Bearer mcp',
      Accept: 'application/json',
      'Mcp-Session-Id': 's',
      'Last-Event-ID': '7',
      'X-Request-Id': 'r',
      Origin: 'http://elsewhere.example',
      'Mcp-Method': 'tools/call',
    }
    const dropped = {
      'X-Tunnel-Ingress-Token': 't0ken',
      Connection: 'close, X-Secret',
      'X-Secret': '1',
      Cookie: 'c=1',
      'User-Agent': 'u',
      'Accept-Encoding': 'gzip',
      'X-Forwarded-For': '1.2.3.4',
      'OpenAI-Organization': 'o',
      'Content-Type': 'application/json',
      TE: 'trailers',
      Via: 'x',
      Expect: '100-continue',
    }
    socket.write(httpBytes('POST', service.mcpUrlPath, {headers: {...kept, ...dropped}, body: toolCall(1)}))
    const command = await daemon.next()
    expect(command.headers).toEqual(Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, [value]])))
    await daemon.respond(command)
    await socket.end()
  })

  it('of the answer: hop-by-hop ones end here, and challenges lead to the metadata of this tunnel', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall(1))
    const metadata = `${new URL(service.mcpUrl).origin}/.well-known/oauth-protected-resource${service.mcpUrlPath}`
    await daemon.respond(await daemon.next(), {
      resp_code: 401,
      resp_headers: {
        'Content-Type': ['application/json'],
        'Www-Authenticate': [
          'Bearer realm="r", resource_metadata="http://internal/x", scope="a"',
          'Bearer resource_metadata=http://internal/y, error=z',
        ],
        Connection: ['X-Hop'],
        'X-Hop': ['1'],
        'Keep-Alive': ['timeout=1'],
        'Content-Encoding': ['gzip'],
        'Content-Length': ['3'],
        'Transfer-Encoding': ['chunked'],
        'X-Kept': ['a', 'b'],
      },
    })
    const {status, headers} = await reply
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toEqual([
      `Bearer realm="r", resource_metadata="${metadata}", scope="a"`,
      `Bearer resource_metadata="${metadata}", error=z`,
    ])
    expect(headers['x-kept']).toEqual(['a', 'b'])
    expect(headers).not.toHaveProperty('x-hop')
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers['keep-alive']).not.toBe('timeout=1')
  })

  it('may be 200 KiB long', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const long = 'x'.repeat(200 * 1024)
    const reply = call(service.mcpUrl, toolCall(1), {headers: {'x-long': long}})
    const command = await daemon.next()
    expect(command.headers['x-long']).toEqual([long])
    await daemon.respond(command)
    expect((await reply).status).toBe(200)
  })
})

describe('limits', () => {
  it('a body above 32 MiB is answered 413, announced or not, packed or not', async () => {
    const service = await startService()
    const huge = Buffer.alloc(33 * MiB, 0x20)
    const bodies: [Buffer, Record<string, string>][] = [
      [huge, {}],
      [gzipSync(huge), {'content-encoding': 'gzip'}],
    ]
    for (const [body, headers] of bodies) {
      const reply = await call(service.mcpUrl, body, {headers})
      expect([reply.status, JSON.parse(reply.text).error.code]).toEqual([413, 'request_body_too_large'])
    }
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(httpBytes('POST', service.mcpUrlPath, {headers: {'Transfer-Encoding': 'chunked'}}))
    for (let sent = 0; sent < 34; sent++)
      socket.write(Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MiB, 0x20), Buffer.from('\r\n')]))
    expect(await socket.until('request_body_too_large')).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  it('a body of 31 MiB passes', async () => {
    const service = await startService()
    const daemon = startDaemon(service)
    const reply = call(service.mcpUrl, toolCall(1, 'x'.repeat(31 * MiB)))
    const command = await daemon.next()
    expect((command.jsonrpc!.params as string).length).toBe(31 * MiB)
    await daemon.respond(command)
    expect((await reply).status).toBe(200)
  })

  it('packed garbage and unknown packings are refused', async () => {
    const service = await startService()
    const bad = await call(service.mcpUrl, 'not gzip', {headers: {'content-encoding': 'gzip'}})
    expect(bad.status).toBe(400)
    const unknown = await call(service.mcpUrl, 'x', {headers: {'content-encoding': 'zstd'}})
    expect(unknown.status).toBe(415)
  })

  it('a full line answers 429 with Retry-After, and goes on when it has been worked off', async () => {
    const service = await startService({queue: {maxCommands: 2}})
    const daemon = startDaemon(service)
    const waiting = [call(service.mcpUrl, toolCall(1)), call(service.mcpUrl, toolCall(2))]
    await until(() => service.snapshot()!.queued === 2)
    const refused = await call(service.mcpUrl, toolCall(3))
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
    expect(JSON.parse(refused.text).error).toMatchObject({code: 'tunnel_queue_full', type: 'rate_limit_error'})
    for (const command of (await daemon.poll()).commands) await daemon.respond(command)
    expect((await Promise.all(waiting)).map(({status}) => status)).toEqual([200, 200])
    const next = call(service.mcpUrl, toolCall(4))
    await daemon.respond(await daemon.next())
    expect((await next).status).toBe(200)
  })

  it('bytes in the line and calls that run are bounded, too', async () => {
    const service = await startService({queue: {maxBytes: MiB, maxInFlight: 1}})
    const daemon = startDaemon(service)
    const first = call(service.mcpUrl, toolCall(1, 'x'.repeat(900 * 1024)))
    await until(() => service.snapshot()!.queued === 1)
    expect((await call(service.mcpUrl, toolCall(2, 'x'.repeat(200 * 1024)))).status).toBe(429)
    const command = await daemon.next()
    expect((await call(service.mcpUrl, toolCall(3))).status).toBe(429)
    await daemon.respond(command)
    expect((await first).status).toBe(200)
  })

  it('bytes that are still arriving count, announced or not, until their caller is gone', async () => {
    const service = await startService({queue: {maxBytes: MiB}})
    const daemon = startDaemon(service)
    const slow = RawSocket.to(service.mcpUrl)
    slow.write(httpBytes('POST', service.mcpUrlPath, {headers: {'Transfer-Encoding': 'chunked'}}))
    slow.write(Buffer.concat([Buffer.from('f0000\r\n'), Buffer.alloc(0xf0000, 0x20), Buffer.from('\r\n')]))
    const big = toolCall(1, 'x'.repeat(200 * 1024))
    await until(() => service.snapshot()!.bytes >= 0xf0000)
    expect((await call(service.mcpUrl, big)).status).toBe(429)
    slow.destroy()
    await until(() => service.snapshot()!.bytes === 0)
    const reply = call(service.mcpUrl, big)
    await daemon.respond(await daemon.next())
    expect((await reply).status).toBe(200)
  })

  it('bytes of packed bodies count as what they become, while they are unpacked', async () => {
    const service = await startService({queue: {maxBytes: MiB}})
    const bomb = gzipSync(toolCall(1, 'x'.repeat(4 * MiB)))
    expect((await call(service.mcpUrl, bomb, {headers: {'content-encoding': 'gzip'}})).status).toBe(429)
    expect(service.snapshot()).toMatchObject({queued: 0, bytes: 0})
  })
})

describe('a caller who is gone before his call is in the line', () => {
  it('while his body is unpacked leaves nothing behind', async () => {
    const service = await startService({responseTimeoutMs: 0, clientLastSeenMs: 600_000})
    const body = gzipSync(toolCall(1, 'x'.repeat(20 * MiB)))
    const socket = RawSocket.to(service.mcpUrl)
    socket.write(httpBytes('POST', service.mcpUrlPath, {headers: {'Content-Encoding': 'gzip'}, body}))
    await until(() => service.snapshot()!.bytes > 0)
    socket.destroy()
    await until(() => service.snapshot()!.bytes === 0)
    expect(service.snapshot()!.queued).toBe(0)
  })

  it('behind another call of his connection leaves nothing behind', async () => {
    const service = await startService({responseTimeoutMs: 0, clientLastSeenMs: 600_000})
    const socket = RawSocket.to(service.mcpUrl)
    const requests = [1, 2, 3].map((id) => httpBytes('POST', service.mcpUrlPath, {body: toolCall(id)}))
    socket.write(Buffer.concat(requests))
    await until(() => service.snapshot()!.queued > 0)
    socket.destroy()
    await until(() => service.snapshot()!.queued === 0)
  })
})
