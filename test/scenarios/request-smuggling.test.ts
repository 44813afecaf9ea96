// HTTP request smuggling against every server of ours, as a table of bytes: a request that two parsers could frame differently
// gets at most one answer, an error, and its connection is closed; nothing in a body is ever taken for a request.

import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {createMcpStub} from '../../src/service/mcp-stub/index.ts'
import {createTunnelService} from '../../src/service/tunnel-service/index.ts'
import {createOpsServer} from '../../src/tunnel/ops/index.ts'
import {RawSocket} from '../support/raw-socket.ts'

interface Target {
  readonly url: string
  /** Where a POST with a body goes. */
  readonly path: string
  /** A GET that is always answered 200. */
  readonly open: string
}

const targets: Record<string, Target> = {}
const closers: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  const service = await createTunnelService()
  closers.push(() => service.close())
  const stub = await createMcpStub()
  closers.push(() => stub.close())
  const unexpected = (): never => {
    throw new Error('not asked in this test')
  }
  const ops = await createOpsServer({
    listen: {listenAddr: '127.0.0.1:0', unixSocket: null},
    allowRemote: false,
    sources: {
      readiness: () => ({status: 200, body: 'ready', reasons: []}),
      metrics: async () => ({contentType: 'text/plain', text: ''}),
      status: () => ({}),
      calls: {list: unexpected, detail: unexpected} as never,
      ...{health: unexpected, state: unexpected, stream: unexpected, series: unexpected},
    },
    onDefect: () => {},
  })
  closers.push(() => ops.close())
  targets.operator = {url: ops.address.url, path: '/api/status', open: '/healthz'}
  targets.control = {
    url: service.controlPlaneBaseUrl,
    path: `/v1/tunnels/${service.tunnelId}/response`,
    open: '/readyz',
  }
  targets.ingress = {url: service.mcpUrl, path: service.mcpUrlPath, open: '/readyz'}
  targets['mcp-stub'] = {url: stub.mcpUrl, path: '/mcp', open: '/mcp'}
})
afterAll(async () => {
  for (const close of closers) await close()
})

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
const CHUNKED = 'Transfer-Encoding: chunked'
const END = '0\r\n\r\n'
const length = (bytes: number | string): string => `Content-Length: ${bytes}`

/** Header lines (or the whole head) and what follows it. The request line and Host are added. */
const REFUSED: Readonly<Record<string, readonly [lines: readonly string[], body: string]>> = {
  'Content-Length before Transfer-Encoding': [[length(5), CHUNKED], END + SMUGGLED],
  'Transfer-Encoding before Content-Length': [[CHUNKED, length(4)], END + SMUGGLED],
  'two different Content-Length': [[length(0), length(SMUGGLED.length)], SMUGGLED],
  'two equal Content-Length': [[length(2), length(2)], `{}${SMUGGLED}`],
  'a list of Content-Length': [[length(`0, ${SMUGGLED.length}`)], SMUGGLED],
  'Content-Length with a sign': [[length('+2')], `{}${SMUGGLED}`],
  'a negative Content-Length': [[length('-1')], SMUGGLED],
  'a hexadecimal Content-Length': [[length('0x2')], `{}${SMUGGLED}`],
  'a Content-Length that overflows': [[length('18446744073709551618')], `{}${SMUGGLED}`],
  'an empty Content-Length': [[length('')], SMUGGLED],
  'Transfer-Encoding: xchunked': [['Transfer-Encoding: xchunked'], END + SMUGGLED],
  'Transfer-Encoding: identity': [['Transfer-Encoding: identity'], SMUGGLED],
  'a coding that is not understood': [['Transfer-Encoding: gzip, chunked'], END + SMUGGLED],
  'chunked twice': [['Transfer-Encoding: chunked, chunked'], END + SMUGGLED],
  'chunked not last': [['Transfer-Encoding: chunked, identity'], END + SMUGGLED],
  'two Transfer-Encoding': [[CHUNKED, 'Transfer-Encoding: identity'], END + SMUGGLED],
  'a vertical tab before chunked': [['Transfer-Encoding: \x0bchunked'], END + SMUGGLED],
  'a blank before the colon of Content-Length': [[`Content-Length : ${SMUGGLED.length}`], SMUGGLED],
  'a blank before the colon of Transfer-Encoding': [['Transfer-Encoding : chunked', length(5)], END + SMUGGLED],
  'a bare LF between fields': [[`X: y\nContent-Length: ${SMUGGLED.length}`], SMUGGLED],
  'a bare CR between fields': [[`X: y\rContent-Length: ${SMUGGLED.length}`], SMUGGLED],
  'a folded field': [['X: a\r\n b', length(0)], SMUGGLED],
  'a folded Transfer-Encoding': [['Transfer-Encoding:\r\n chunked', length(0)], END + SMUGGLED],
  'a field without a colon': [['foo', length(0)], SMUGGLED],
  'a field without a name': [[': y', length(0)], SMUGGLED],
  'NUL in a value': [['X: a\0b', length(0)], SMUGGLED],
  'a second Host': [['Host: evil.example', length(0)], SMUGGLED],
  'more than 1000 fields': [[...Array(1000).fill('X: y'), length(0)], SMUGGLED],
  'fields above 256 KiB': [[`X: ${'a'.repeat(300 * 1024)}`, length(0)], SMUGGLED],
}

/** Bodies that are broken after a good head. */
const BROKEN_CHUNKS: Readonly<Record<string, string>> = {
  'an extension with a bare LF': `2;\nxx\r\n{}\r\n${END}${SMUGGLED}`,
  'a hexadecimal prefix': `0x2\r\n{}\r\n${END}${SMUGGLED}`,
  'a size that overflows': `fffffffffffffffff\r\n{}\r\n${END}${SMUGGLED}`,
  'data longer than the size': `2\r\n{}XX${END}${SMUGGLED}`,
  'bare LFs': `2\n{}\n0\n\n${SMUGGLED}`,
  'a size with a sign': `+2\r\n{}\r\n${END}${SMUGGLED}`,
  'no size': `\r\n{}\r\n${END}${SMUGGLED}`,
}

const HEADS: Readonly<Record<string, string>> = {
  'bare LFs': 'POST PATH HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n',
  'two targets': 'POST PATH /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'no Host': 'POST PATH HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
  'an unknown version': 'POST PATH HTTP/1.2\r\nHost: localhost\r\n\r\n',
  'Transfer-Encoding in HTTP/1.0':
    'POST PATH HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a target of another host': 'GET http://evil.example/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a control character in the target': 'GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n',
}

/** Sends bytes and returns the statuses of all answers once the server has closed the connection. */
async function statuses(target: Target, bytes: string): Promise<number[]> {
  const socket = RawSocket.to(target.url)
  socket.write(Buffer.from(bytes, 'latin1'))
  const text = (await socket.end()).toString('latin1')
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

const post = ({path}: Target, lines: readonly string[], body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('\r\n')}\r\n\r\n${body}`

describe.each(['operator', 'control', 'ingress', 'mcp-stub'])('%s', (name) => {
  const target = (): Target => targets[name]!

  test.each(Object.keys(REFUSED))('refuses %s and closes the connection', async (what) => {
    const [lines, body] = REFUSED[what]!
    const answers = await statuses(target(), post(target(), lines, body))
    expect(answers).toHaveLength(1)
    expect([400, 431, 501]).toContain(answers[0])
  })

  test.each(Object.keys(BROKEN_CHUNKS))('ends at chunks with %s', async (what) => {
    const answers = await statuses(
      target(),
      post(target(), [CHUNKED, 'Content-Type: application/json'], BROKEN_CHUNKS[what]!),
    )
    expect(answers.length).toBeLessThanOrEqual(1)
    for (const status of answers) expect(status).toBeGreaterThanOrEqual(200)
  })

  test.each(Object.keys(HEADS))('refuses a head with %s', async (what) => {
    const bytes = HEADS[what]!.replace('PATH', target().path) + SMUGGLED
    const answers = await statuses(target(), bytes)
    expect(answers).toHaveLength(1)
    expect(answers[0]).toBeGreaterThanOrEqual(400)
  })

  test('answers pipelined requests each once, in order, and a GET with a body once', async () => {
    const get = (more: string): string => `GET ${target().open} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
    const unknown = 'GET /unknown HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const open = name === 'mcp-stub' ? expect.any(Number) : 200
    const pipelined = await statuses(target(), get('') + unknown + get('Connection: close\r\n'))
    expect(pipelined).toEqual([open, 404, open])
    const withBody = get(`Content-Length: ${SMUGGLED.length}\r\nConnection: close\r\n`) + SMUGGLED
    expect(await statuses(target(), withBody)).toEqual([open])
  })
})
