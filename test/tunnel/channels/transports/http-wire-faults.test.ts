import type {Socket} from 'node:net'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {call, start} from '../../../support/open-channel.ts'
import {openSocketChannel} from '../../../support/servers/raw-socket-channel.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"n":1}}'
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const whole = (status: string, body: string, headers = ''): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Writes, lets it arrive, then acts. */
const then = (socket: Socket, text: string, act: () => void): void => {
  socket.write(text, () => setTimeout(act, 20))
}

describe('a connection that breaks is called what it was', () => {
  const cases: [string, (socket: Socket) => void, object][] = [
    ['reset before a byte', (s) => s.resetAndDestroy(), {kind: 'connection_reset'}],
    ['closed before a byte', (s) => s.end(), {kind: 'unexpected_eof', failure: 'closed'}],
    [
      'reset within the headers',
      (s) => then(s, 'HTTP/1.1 200 OK\r\nContent-', () => s.resetAndDestroy()),
      {kind: 'connection_reset'},
    ],
    [
      'reset within a JSON body',
      (s) => then(s, whole('200 OK', OK).slice(0, -9), () => s.resetAndDestroy()),
      {kind: 'connection_reset'},
    ],
    [
      'closed within a JSON body',
      (s) => then(s, whole('200 OK', OK).slice(0, -9), () => s.end()),
      {kind: 'unexpected_eof', failure: 'closed'},
    ],
    [
      'reset within an event stream',
      (s) => then(s, STREAM + chunk(`data: ${NOTE}\n\n`), () => s.resetAndDestroy()),
      {kind: 'connection_reset'},
    ],
    [
      'closed within an event stream',
      (s) => then(s, STREAM + chunk(`data: ${NOTE}\n\n`), () => s.end()),
      {kind: 'unexpected_eof', failure: 'mcp_stream_ended'},
    ],
    [
      'an event stream that ends without the answer',
      (s) => s.end(`${STREAM}${chunk(`data: ${NOTE}\n\n`)}0\r\n\r\n`),
      {kind: 'unexpected_eof', failure: 'mcp_stream_ended'},
    ],
    [
      'garbage, then reset',
      (s) => then(s, STREAM + chunk('data: garbage\n\n'), () => s.resetAndDestroy()),
      {kind: 'connection_reset', failure: 'mcp_stream_ended'},
    ],
    ['no HTTP at all', (s) => s.end('220 mail ready\r\n\r\n'), {source: 'protocol', kind: 'non_protocol_response'}],
  ]
  it.each(cases)('%s', async (_name, act, expected) => {
    const {channel} = await openSocketChannel(act)
    const {failure, settled} = await call(channel, CALL)
    const source = 'source' in expected ? {} : {source: 'transport_closed'}
    expect(failure).toMatchObject({status: 502, upstreamResponded: false, ...source, ...expected})
    expect(settled).toBe(1)
  })
})

describe('an answer that came counts', () => {
  it.each([
    [
      'then the connection is reset',
      (s: Socket) => then(s, STREAM + chunk(`data: ${OK}\n\n`), () => s.resetAndDestroy()),
    ],
    [
      'its event is not closed and the connection is reset',
      (s: Socket) => then(s, STREAM + chunk(`data: ${OK}`), () => s.resetAndDestroy()),
    ],
    [
      'then its chunks break off',
      (s: Socket) => then(s, STREAM.replace('text/event-stream', 'application/json') + chunk(OK), () => s.destroy()),
    ],
    [
      'after interim answers',
      (s: Socket) =>
        s.write(
          `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n${whole('200 OK', OK)}`,
        ),
    ],
    [
      'in a stream of carriage returns',
      (s: Socket) => s.end(`${STREAM}${chunk(`\ufeffevent: message\rid: 7\rdata: ${OK}\r\r`)}0\r\n\r\n`),
    ],
    [
      'behind garbage, a comment, a lonely word and another event',
      (s: Socket) =>
        s.end(
          `${STREAM}${chunk(`data: <html>\n\n: c\nlonely\ndata\n\nevent: ping\ndata: {}\n\ndata: ${OK}\n\n`)}0\r\n\r\n`,
        ),
    ],
    [
      'in JSON that is called APPLICATION/JSON',
      (s: Socket) => s.end(whole('200 OK', OK).replace('application/json', 'APPLICATION/JSON; charset=utf-8')),
    ],
  ] as const)('%s', async (_name, act) => {
    const {channel} = await openSocketChannel(act)
    const {response, settled} = await call(channel, CALL)
    expect(response).toBe(OK)
    expect(settled).toBe(1)
  })

  it.each([
    ['413 Payload Too Large', 'mcp_status'],
    ['401 Unauthorized', 'mcp_auth'],
  ])('%s, while the message is still being written', async (status, failure) => {
    const {channel} = await openSocketChannel(
      (socket) =>
        socket.write(whole(status, '{}', 'Connection: close\r\n'), () => setTimeout(() => socket.destroy(), 50)),
      64 * 1024,
    )
    const large = CALL.replace('{}', JSON.stringify({data: 'x'.repeat(20_000_000)}))
    const outcome = await start(channel, large).done
    expect(outcome.failure).toMatchObject({failure, status: Number(status.slice(0, 3)), upstreamResponded: true})
    expect(outcome.settled).toBe(1)
  })

  it.each([
    ['{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}', undefined],
    ['{"jsonrpc":"2.0","id":1,"err', 'response_body_unreadable'],
  ])('a refusal whose body breaks off keeps its status: %s', async (body, kind) => {
    const head = 'HTTP/1.1 503 No\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n'
    const {channel} = await openSocketChannel((s) => then(s, head + body, () => s.resetAndDestroy()))
    const {failure} = await call(channel, CALL)
    expect(failure).toMatchObject({status: 503, source: 'target_http', upstreamResponded: true})
    if (kind === undefined) expect(failure!.preserved!.toString()).toBe(body)
    else expect(failure).toMatchObject({kind})
  })

  it('a refusal keeps its JSON-RPC error also when it is compressed unasked', async () => {
    const error = '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}'
    const body = gzipSync(error)
    const head = `HTTP/1.1 503 No\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
    const {channel} = await openSocketChannel((s) => {
      s.write(head)
      s.end(body)
    })
    const {failure} = await call(channel, CALL)
    expect(failure!.status).toBe(503)
    expect(failure!.preserved!.toString()).toBe(error)
  })
})
