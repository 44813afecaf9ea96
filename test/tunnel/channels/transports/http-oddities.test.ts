import {mkdtemp, rm} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import type {Socket} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {call, httpBinding, openChannels} from '../../../support/open-channel.ts'
import {chunk, openSocketChannel} from '../../../support/servers/raw-socket-channel.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const JSON_TYPE = 'Content-Type: application/json\r\n'
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const SSE = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
const CHUNKS = `${chunk(OK)}0\r\n\r\n`
const sized = (body: string, fields = JSON_TYPE, status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const plain = (fields: string, rest: string, status = 'HTTP/1.1 200 OK'): string => `${status}\r\n${fields}\r\n${rest}`

describe('an answer is an answer', () => {
  const kept: readonly (readonly [string, string | Buffer])[] = [
    ['with trailers', plain(`${JSON_TYPE}${CHUNKED}Trailer: X\r\n`, `${chunk(OK)}0\r\nX: y\r\n\r\n`)],
    ['with chunk extensions', plain(JSON_TYPE + CHUNKED, `${OK.length.toString(16)};a="b"\r\n${OK}\r\n0\r\n\r\n`)],
    ['with its content type twice', sized(OK, JSON_TYPE + JSON_TYPE)],
    ['without a content type', sized(OK, '')],
    ['with an empty content type', sized(OK, 'Content-Type:\r\n')],
    ['behind a byte order mark', sized(`\ufeff${OK}`)],
    ['with status 201', sized(OK, JSON_TYPE, '201 Created')],
    ['without a reason', sized(OK, JSON_TYPE, '200')],
    ['behind blank lines', `\r\n\r\n${sized(OK)}`],
    ['with 64 KiB of headers', sized(OK, `${JSON_TYPE}${`X-P: ${'y'.repeat(1000)}\r\n`.repeat(64)}`)],
    ['with ten thousand headers', sized(OK, `${JSON_TYPE}${'A: b\r\n'.repeat(10_000)}`)],
    ['behind a thousand interim answers', 'HTTP/1.1 102 P\r\n\r\nHTTP/1.1 100 C\r\n\r\n'.repeat(500) + sized(OK)],
    ['with a second answer behind it', sized(OK) + sized(OK)],
  ]
  it.each(kept)('%s', async (_name, bytes) => {
    const {channel} = await openSocketChannel((socket) => socket.write(bytes))
    expect((await call(channel, CALL)).response).toBe(OK)
  })

  const ended: readonly (readonly [string, string | Buffer])[] = [
    ['without a length', plain(JSON_TYPE, OK)],
    ['in HTTP/1.0', plain(JSON_TYPE, OK, 'HTTP/1.0 200 OK')],
    ['in an event stream without a length', `${SSE}data: ${OK}\n\n`],
    ['behind a flood of comments', `${SSE}${': x\n'.repeat(200_000)}data: ${OK}\n\n`],
    ['behind a flood of empty lines of data', `${SSE}${'data:\n'.repeat(200_000)}data: ${OK}\n\n`],
    ['behind zero bytes', `${SSE}data: \0\n\n\0data: x\n\nid: \0\ndata: ${OK}\n\n`],
    ['behind an event that is no UTF-8', Buffer.from(`${SSE}data: \xff\xfe\n\ndata: ${OK}\n\n`, 'latin1')],
    ['although it announced more', sized(OK).replace(/Length: \d+/, 'Length: 99')],
  ]
  it.each(ended)('%s, then closed', async (_name, bytes) => {
    const {channel} = await openSocketChannel((socket) => socket.end(bytes))
    expect((await call(channel, CALL)).response).toBe(OK)
  })

  it('that drips in byte by byte', async () => {
    const {channel} = await openSocketChannel((socket) => {
      socket.setNoDelay(true)
      const bytes = Buffer.from(`${SSE}id: 1\nretry: 10\nevent: message\ndata: ${OK}\n\n`)
      const drip = (at: number): void => {
        socket.write(bytes.subarray(at, at + 1))
        if (at + 1 < bytes.length) setImmediate(() => drip(at + 1))
      }
      drip(0)
    })
    expect((await call(channel, CALL)).response).toBe(OK)
  })
})

describe('what is no answer is called what it is', () => {
  const cases: readonly (readonly [string, string | Buffer, object])[] = [
    ['UTF-16', sized(Buffer.from(OK, 'utf16le').toString('latin1')), {failure: 'mcp_not_json', status: 502}],
    ['a web page', sized('<p>', 'Content-Type: text/html\r\n'), {failure: 'mcp_content_type', status: 502}],
    ['events that are called JSON', sized(`data: ${OK}\n\n`), {failure: 'mcp_not_json', status: 502}],
    ['204 with a body', sized(OK, JSON_TYPE, '204 No'), {failure: 'mcp_no_answer', status: 502}],
    ['a body that is cut by its length', sized(OK).replace(/Length: \d+/, 'Length: 9'), {failure: 'mcp_not_json'}],
    ['two different lengths', sized(OK, `${JSON_TYPE}Content-Length: 3\r\n`), {failure: 'not_http', status: 502}],
    ['a length and chunks', plain(`${JSON_TYPE}${CHUNKED}Content-Length: 3\r\n`, CHUNKS), {failure: 'not_http'}],
    ['a folded header', sized(OK, `${JSON_TYPE}X: a\r\n b\r\n`), {failure: 'not_http', status: 502}],
    ['a zero byte in a header', sized(OK, `${JSON_TYPE}X: a\0b\r\n`), {failure: 'not_http', status: 502}],
    ['bare line feeds', sized(OK).replaceAll('\r\n', '\n'), {failure: 'not_http', status: 502}],
    ['status 000', sized(OK, JSON_TYPE, '000 X'), {failure: 'not_http', status: 502}],
    ['status 999', sized(OK, JSON_TYPE, '999 X'), {failure: 'mcp_status', upstreamResponded: false}],
    ['421', sized('{}', JSON_TYPE, '421 X'), {failure: 'mcp_status', status: 421, upstreamResponded: true}],
    ['429', sized('{}', 'Retry-After: 3\r\n', '429 X'), {failure: 'mcp_status', status: 429, upstreamResponded: true}],
    ['408', sized('', 'Connection: close\r\n', '408 X'), {failure: 'mcp_status', status: 408}],
    ['401 as an event stream', plain('Content-Type: text/event-stream\r\n', '', 'HTTP/1.1 401 X'), {status: 401}],
  ]
  it.each(cases)('%s', async (_name, bytes, expected) => {
    const {channel} = await openSocketChannel((socket) => socket.end(Buffer.from(bytes as string, 'latin1')))
    const {failure, settled} = await call(channel, CALL)
    expect(failure).toMatchObject(expected)
    expect(settled).toBe(1)
  })

  it.each([
    ['a header that never ends', 'HTTP/1.1 200 OK\r\nX: '],
    ['a comment that never ends', `${SSE}:`],
  ])('%s is too large', async (_name, beginning) => {
    const flood = Buffer.alloc(256 * 1024, 'c')
    const pour = (socket: Socket): void => {
      if (socket.destroyed) return
      if (socket.write(flood)) setImmediate(pour, socket)
      else socket.once('drain', () => pour(socket))
    }
    const {channel} = await openSocketChannel((socket) => {
      socket.write(beginning)
      pour(socket)
    })
    expect((await call(channel, CALL)).failure).toMatchObject({failure: 'too_large', kind: 'response_body_too_large'})
  })
})

it('a unix socket that vanishes and comes back is used again at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-socket-'))
  onTestFinished(() => rm(folder, {recursive: true}))
  const path = join(folder, 'mcp.sock')
  const serve = (): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((request, reply) => {
        request.resume().on('end', () => reply.setHeader('Content-Type', 'application/json').end(OK))
      })
      server.listen(path, () => resolve(server))
    })
  const end = async (server: Server): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(path, {force: true})
  }
  const {channel, close} = openChannels({
    bindings: [{...httpBinding(new URL('http://localhost/mcp')), unixSocket: path}],
  })
  onTestFinished(close)
  for (let round = 0; round < 3; round++) {
    expect((await call(channel, CALL)).failure).toMatchObject({failure: 'socket_missing', status: 502})
    const server = await serve()
    expect((await call(channel, CALL)).response).toBe(OK)
    expect((await call(channel, CALL)).response).toBe(OK)
    await end(server)
  }
})
