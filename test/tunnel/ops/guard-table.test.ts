// The guard of the operator surface as a table: who asks, how, and for which route, against the status. Over a real socket,
// because Node shows a handler less than what was sent.

import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {createOpsServer, type OpsServer} from '../../../src/tunnel/ops/index.ts'
import {RawSocket} from '../../support/raw-socket.ts'

const FAILED = 'mcp probe failed: connect ECONNREFUSED db.corp.internal:5432'
const READINESS = {
  status: 503 as const,
  body: FAILED,
  reasons: [
    {subject: 'mcp:main', state: 'failed', ok: false, gates: true, message: FAILED, failure_class: 'refused' as const},
  ],
}

function open(change: {allowRemote?: boolean; showDetails?: boolean; listenAddr?: string}): Promise<OpsServer> {
  const unexpected = (): never => {
    throw new Error('not asked in this test')
  }
  const {allowRemote = false, showDetails = false, listenAddr = '127.0.0.1:0'} = change
  return createOpsServer({
    listen: {listenAddr, unixSocket: null},
    allowRemote,
    showDetails,
    sources: {
      readiness: () => READINESS,
      metrics: async () => ({contentType: 'text/plain', text: 'm 1\n'}),
      status: () => ({version: '1'}),
      calls: {list: () => ({status: 200, document: {}}), detail: () => ({status: 200, document: {}})} as never,
      health: unexpected,
      state: unexpected,
      stream: unexpected,
      series: unexpected,
    },
    onDefect: () => {},
  })
}

let closed: OpsServer
let opened: OpsServer
beforeAll(async () => {
  closed = await open({})
  opened = await open({allowRemote: true, showDetails: true})
})
afterAll(async () => {
  await closed.close()
  await opened.close()
})

async function exchange(server: OpsServer, request: string, lines: readonly string[]): Promise<string> {
  const socket = RawSocket.to(server.address.url)
  socket.write(`${[`${request} HTTP/1.1`, 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`)
  return (await socket.end()).toString()
}

const statusOf = (text: string): number => Number(text.split(' ')[1])
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)

const LOCAL = 'Host: localhost'
const CROSS = 'Sec-Fetch-Site: cross-site'
const SAME_SITE = 'Sec-Fetch-Site: same-site'
const NAVIGATE = 'Sec-Fetch-Mode: navigate'
const EMPTY = 'Content-Length: 0'
const JSON_BODY = ['Content-Type: application/json', EMPTY]
const TEXT_BODY = ['Content-Type: text/plain', EMPTY]

/** Request, status behind the closed guard, status where the operator has opened the surface. */
const ROWS: readonly (readonly [string, readonly string[], number, number])[] = [
  ['GET /api/status', [LOCAL], 200, 200],
  ['GET /api/status', ['Host: 127.0.0.1:1'], 200, 200],
  ['GET /api/status', ['Host: [::1]:1'], 200, 200],
  ['GET /api/status', ['Host: evil.example'], 403, 200],
  ['GET /api/status', ['Host: app.localhost'], 403, 200],
  ['GET /api/status', ['Host: localhost', 'Host: evil.example'], 400, 400],
  ['GET /api/status', [LOCAL, CROSS], 403, 403],
  ['GET /api/status', [LOCAL, SAME_SITE], 403, 403],
  ['GET /api/status', [LOCAL, 'Sec-Fetch-Site: same-origin'], 200, 200],
  ['GET /api/status', [LOCAL, 'Sec-Fetch-Site: none'], 200, 200],
  ['GET /api/status', [LOCAL, CROSS, NAVIGATE], 200, 200],
  ['GET /api/status', [LOCAL, SAME_SITE, NAVIGATE], 200, 200],
  ['POST /api/status', [LOCAL, CROSS, NAVIGATE, ...JSON_BODY], 403, 403],
  ['GET /api/status', [LOCAL, 'Origin: http://localhost:5173'], 200, 200],
  ['GET /api/status', [LOCAL, 'Origin: http://app.localhost:5173'], 403, 200],
  ['GET /api/status', [LOCAL, 'Origin: http://app.localhost'], 403, 200],
  ['GET /api/status', [LOCAL, 'Origin: https://evil.example'], 403, 200],
  ['GET /api/status', [LOCAL, 'Origin: null'], 403, 200],
  ['GET /api/status', [LOCAL, 'Referer: https://evil.example/'], 200, 200],
  ['POST /api/status', [LOCAL, ...JSON_BODY], 200, 200],
  ['POST /api/status', [LOCAL, EMPTY], 200, 200],
  ['POST /api/status', [LOCAL, ...TEXT_BODY], 415, 415],
  ['POST /api/status', [LOCAL, 'Content-Type: application/x-www-form-urlencoded', EMPTY], 415, 415],
  ['POST /api/status', [LOCAL, 'Content-Type: multipart/form-data; boundary=x', EMPTY], 415, 415],
  ['POST /api/status', [LOCAL, 'Content-Type: application/jsonp', EMPTY], 415, 415],
  ['POST /api/calls', [LOCAL, ...TEXT_BODY], 405, 405],
  ['POST /api/calls', ['Host: evil.example', ...TEXT_BODY], 403, 405],
  ['DELETE /api/calls', [LOCAL, SAME_SITE], 403, 403],
  ['GET /nothing', [LOCAL], 404, 404],
  ['GET /nothing', ['Host: evil.example'], 403, 404],
  ['GET /health', ['Host: evil.example'], 403, 403],
  ['POST /healthz', ['Host: evil.example', CROSS, ...TEXT_BODY], 200, 200],
  ['GET /readyz', ['Host: evil.example', CROSS], 503, 503],
  ['GET /metrics', ['Host: evil.example', CROSS], 200, 200],
]

describe('the operator surface', () => {
  test.each(ROWS)('%s %j: %i, opened %i', async (request, lines, behindGuard, whereOpened) => {
    expect(statusOf(await exchange(closed, request, lines))).toBe(behindGuard)
    expect(statusOf(await exchange(opened, request, lines))).toBe(whereOpened)
  })
})

describe('what /readyz tells', () => {
  const HOSTILE = ['Host: evil.example']

  test('this host: the text of the error', async () => {
    expect(bodyOf(await exchange(closed, 'GET /readyz', [LOCAL]))).toBe(FAILED)
    expect(bodyOf(await exchange(closed, 'GET /readyz?format=json', [LOCAL]))).toContain('db.corp.internal')
  })

  test('a page that rebound its name, as any other machine: the state and the failure class', async () => {
    const text = bodyOf(await exchange(closed, 'GET /readyz', HOSTILE))
    expect(text).toMatch(/^mcp probe failed: ./)
    expect(text).not.toContain('db.corp.internal')
    const json = bodyOf(await exchange(closed, 'GET /readyz?format=json', HOSTILE))
    expect(json).not.toContain('db.corp.internal')
    expect(JSON.parse(json)).toMatchObject({ready: false, reasons: [{subject: 'mcp:main', failure_class: 'refused'}]})
  })

  test('everyone, with health.show_details', async () => {
    expect(bodyOf(await exchange(opened, 'GET /readyz', HOSTILE))).toBe(FAILED)
  })
})
