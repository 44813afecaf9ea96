import {gzipSync} from 'node:zlib'
import {expect, it} from 'vitest'
import {rawHttp} from '../../support/raw-http.ts'
import {httpBytes, RawSocket} from './support/caller.ts'
import {startDaemon, startService, until} from './support/with-service.ts'

const ARGUMENTS =
  '{ "big":9007199254740993,\t"float": 1.0, "exp":1E+2, "esc":"\\u2028\\u003c\\/", "raw":"\u2028\u2029é<>&", "dup":1,"dup":2,' +
  '"__proto__":{"x":[ ]},  "neg":-0.0 }'
const REQUEST = `{"unknown" : [1, 2 ],"jsonrpc":"2.0",  "id":12345678901234567890,"method":"tools/call","params":${ARGUMENTS}}`
const RESULT = `{"jsonrpc":"2.0", "id":12345678901234567890 ,"result":${ARGUMENTS},"more":1.0}`

it('carries a call and its answer without touching a byte', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const reply = rawHttp({url: service.mcpUrl, body: `\r\n ${REQUEST}\n`})
  await until(() => service.snapshot()!.queued === 1)
  const {text, commands} = await daemon.poll()
  expect(text).toContain(`"jsonrpc":${REQUEST}}]}`)
  const {request_id, shard_token} = commands[0]!
  await daemon.post(`{"resp_json":${RESULT},"resp_code":200,"request_id":"${request_id}"}`, {
    'x-tunnel-shard-token': shard_token,
  })
  const {status, headers, body} = await reply
  expect(body.toString()).toBe(RESULT)
  expect(status).toBe(200)
  expect(headers).toMatchObject({'content-type': 'application/json', 'x-request-id': request_id})
})

it('carries notifications and the answer in a stream without touching a byte', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const reply = rawHttp({
    url: service.mcpUrl,
    body: REQUEST,
    headers: {Accept: 'application/json, text/event-stream'},
  })
  const {request_id, shard_token} = await daemon.next()
  const headers = {'x-tunnel-shard-token': shard_token}
  const note = `{"jsonrpc":"2.0","method":"notifications/progress","params":${ARGUMENTS}}`
  const post = (json: string, type: string) =>
    daemon.post(`{"request_id":"${request_id}","resp_json":${json},"resp_code":200,"resp_type":"${type}"}`, headers)
  await post(note, 'jsonrpc_notify')
  // A raw line feed between tokens comes back as one to whoever reads the event.
  await post('{"jsonrpc":"2.0",\n"method":"x"}', 'jsonrpc_notify')
  await post(RESULT, 'jsonrpc_response')
  const {body} = await reply
  expect(body.toString()).toBe(`data: ${note}\n\ndata: {"jsonrpc":"2.0",\ndata: "method":"x"}\n\ndata: ${RESULT}\n\n`)
})

it('keeps header values byte for byte, repeated ones apart', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const socket = RawSocket.to(service.mcpUrl)
  const body = '{"jsonrpc":"2.0","id":"a","method":"m"}'
  const head =
    `POST ${service.mcpUrlPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n` +
    'X-Twice: one\r\nx-twice: two, three\r\nX-Latin: caf\xe9\r\nX-Empty:\r\nMcp-Param: a "quoted" \\ one\r\n\r\n'
  socket.write(Buffer.from(head + body, 'latin1'))
  const command = await daemon.next()
  expect(command.headers).toEqual({
    'X-Twice': ['one', 'two, three'],
    'X-Latin': ['café'],
    'Mcp-Param': ['a "quoted" \\ one'],
  })
  await daemon.respond(command, {
    resp_headers: {
      'Mcp-Session-Id': ['s'],
      'X-Utf8': ['caf\u00e9'],
      'X-Bad': ['a\r\nb'],
      'Bad Name': ['x'],
      Date: ['x'],
    },
  })
  await until(() => socket.received.includes('"result"'))
  const text = socket.received.toString('latin1')
  expect(text).toMatch(
    /^HTTP\/1\.1 200 OK\r\nMcp-Session-Id: s\r\nX-Utf8: caf\xc3\xa9\r\nContent-Type: application\/json\r\n/,
  )
  expect(text).not.toMatch(/X-Bad|Bad Name|Date: x/)
  socket.destroy()
})

it.each([
  ['UTF-8', Buffer.from('café 🚇')],
  ['ASCII', Buffer.from('cafe')],
])('gives a daemon the %s text of a header value, and the caller its bytes', async (_name, bytes) => {
  const service = await startService()
  const daemon = startDaemon(service)
  const socket = RawSocket.to(service.mcpUrl)
  const body = '{"jsonrpc":"2.0","id":"a","method":"m"}'
  const head = `POST ${service.mcpUrlPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nX-Name: `
  socket.write(Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n\r\n${body}`)]))
  const command = await daemon.next()
  expect(command.headers).toEqual({'X-Name': [bytes.toString('utf8')]})
  await daemon.respond(command, {resp_headers: {'X-Name': [bytes.toString('utf8')]}})
  await until(() => socket.received.includes('"result"'))
  expect(socket.received.includes(Buffer.concat([Buffer.from('X-Name: '), bytes, Buffer.from('\r\n')]))).toBe(true)
  socket.destroy()
})

it('accepts a byte order mark before a call and before the post of a daemon, and carries neither', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const mark = Buffer.from([0xef, 0xbb, 0xbf])
  const reply = rawHttp({url: service.mcpUrl, body: Buffer.concat([mark, Buffer.from(` ${REQUEST}`)])})
  await until(() => service.snapshot()!.queued === 1)
  const {text, commands} = await daemon.poll()
  expect(text).toContain(`"jsonrpc":${REQUEST}}]}`)
  const {request_id, shard_token} = commands[0]!
  const post = Buffer.from(`{"resp_json":${RESULT},"resp_code":200,"request_id":"${request_id}"}`)
  const posted = await daemon.post(Buffer.concat([mark, post]), {'x-tunnel-shard-token': shard_token})
  expect(posted.status).toBe(200)
  expect((await reply).body.toString()).toBe(RESULT)
})

it('answers several calls on one connection in their order', async () => {
  const service = await startService()
  const daemon = startDaemon(service)
  const socket = RawSocket.to(service.mcpUrl)
  const message = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"m"}`
  socket.write(Buffer.concat([1, 2].map((id) => httpBytes('POST', service.mcpUrlPath, {body: message(id)}))))
  await daemon.respond(await daemon.next())
  await daemon.respond(await daemon.next())
  await socket.until('"id":2')
  expect(socket.received.indexOf('"id":1,')).toBeLessThan(socket.received.indexOf('"id":2,'))
  socket.destroy()
})

it.each([
  ['gzip', gzipSync(REQUEST)],
  ['identity', Buffer.from(REQUEST)],
])('accepts %s bodies', async (encoding, body) => {
  const service = await startService()
  const daemon = startDaemon(service)
  const reply = rawHttp({url: service.mcpUrl, body, headers: {'Content-Encoding': encoding}})
  await until(() => service.snapshot()!.queued === 1)
  const {text, commands} = await daemon.poll()
  expect(text).toContain(`"jsonrpc":${REQUEST}}]}`)
  expect(commands[0]!.headers).toEqual({})
  await daemon.respond(commands[0]!)
  expect((await reply).status).toBe(200)
})
