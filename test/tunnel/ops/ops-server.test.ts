import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {request as httpRequest} from 'node:http'
import {connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {systemClock} from '../../../src/foundation/platform/index.ts'
import {
  createCallsSource,
  createDaemonMetrics,
  createOpsServer,
  type OpsOptions,
  type OpsServer,
} from '../../../src/tunnel/ops/index.ts'
import {listenInTest} from '../../support/servers/loopback.ts'

let folder = ''
const open: OpsServer[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ops-'))
})
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
  rmSync(folder, {recursive: true})
})

const quiet = {wall: () => 2000, pollsOpen: () => 0, channels: () => [], streamReaders: () => 0, loopLag: () => 0}
const metrics = createDaemonMetrics({
  tunnelId: 't1',
  version: '1.2.3',
  channels: ['main'],
  source: {
    queue: () => ({length: 1, capacity: 20}),
    workers: () => ({occupancy: 2, capacity: 10}),
    lastPollSuccessWall: () => 1500,
    ready: () => false,
    ...quiet,
  },
})

const calls = createCallsSource({instanceId: 'i1', clock: systemClock, scrub: (text) => text})
const unexpected = (): never => {
  throw new Error('not asked in this test')
}
const unused = {health: unexpected, state: unexpected, stream: unexpected, series: unexpected}

async function serve(change: Partial<OpsOptions> = {}): Promise<OpsServer> {
  const server = await createOpsServer({
    listen: {listenAddr: '127.0.0.1:0', unixSocket: null},
    allowRemote: false,
    sources: {
      readiness: () => ({status: 503, body: 'control plane poll pending', reasons: []}),
      metrics: () => metrics.expose(),
      status: () => ({version: '1'}),
      calls,
      ...unused,
    },
    onDefect: () => {},
    ...change,
  })
  open.push(server)
  return server
}

interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly body: string
}

function ask(server: OpsServer, path: string, init: {method?: string; host?: string} = {}): Promise<Answer> {
  const where =
    server.address.kind === 'unix' ? {socketPath: server.address.listenAddr} : urlParts(new URL(server.address.url))
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {...where, path, method: init.method ?? 'GET', headers: init.host === undefined ? {} : {Host: init.host}},
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () =>
          resolve({status: response.statusCode ?? 0, type: response.headers['content-type'], body}),
        )
      },
    )
    request.on('error', reject)
    request.end()
  })
}

const urlParts = (url: URL) => ({host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port})

describe('ungated routes', () => {
  test('answer every method, from any Host', async () => {
    const server = await serve()
    for (const method of ['GET', 'POST', 'DELETE', 'PROPFIND']) {
      expect(await ask(server, '/healthz', {method, host: 'somewhere.example'})).toEqual({
        status: 200,
        type: 'text/plain; charset=utf-8',
        body: 'live',
      })
    }
    expect(await ask(server, '/readyz', {host: 'somewhere.example'})).toMatchObject({
      status: 503,
      body: 'control plane poll pending',
    })
    expect(await ask(server, '/readyz', {method: 'HEAD'})).toMatchObject({status: 503, body: ''})
  })

  test('reasons as JSON on request, with the same status', async () => {
    const answer = await ask(await serve(), '/readyz?format=json')
    expect(answer).toMatchObject({status: 503, type: 'application/json; charset=utf-8'})
    expect(JSON.parse(answer.body)).toEqual({
      schema_version: 1,
      ready: false,
      status: 503,
      body: 'control plane poll pending',
      reasons: [],
    })
  })

  test('metrics are Prometheus text with the names that tools look for', async () => {
    const {status, type, body} = await ask(await serve(), '/metrics')
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    expect(body).toMatch(/^commands_poll_last_successful_timestamp_seconds 1$/m)
    expect(body).toMatch(/^liveness 1$/m)
    expect(body).toMatch(/^readiness 0$/m)
    expect(body).toMatch(/^commands_polled_total 0$/m)
    expect(body).toMatch(/^dispatcher_worker_pool_occupancy 2$/m)
    expect(body).toMatch(/^process_resident_memory_bytes \d{6,}/m)
  })
})

describe('guarded routes', () => {
  test('show the status to this host and hide it from rebound names', async () => {
    const server = await serve()
    expect(await ask(server, '/api/status')).toMatchObject({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: '{"version":"1"}\n',
    })
    for (const path of ['/api/status', '/anything']) {
      expect(await ask(server, path, {host: 'evil.example'})).toEqual({
        status: 403,
        type: 'text/plain',
        body: 'the Host header names no loopback address: ask for this page at 127.0.0.1 or localhost\n',
      })
    }
  })

  test('a second Host header does not get past the guard', async () => {
    const {address} = await serve()
    const {hostname, port} = new URL(address.url)
    const socket = connect(Number(port), hostname)
    const name = `${hostname}:${port}`
    socket.write(`GET /api/status HTTP/1.1\r\nHost: ${name}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)
    let reply = ''
    for await (const chunk of socket) reply += chunk
    expect(reply).toMatch(/^HTTP\/1\.1 400 /)
    expect(reply).toContain('more than one Host header')
  })

  test.each([
    ['/api/series?resolution=foo', 'resolution', /unknown parameter; known are range/],
    ['/api/series?range=2h', 'range', /15m, 1h, 24h/],
    ['/api/series?range=1h&range=24h', 'range', /more than once/],
    ['/api/state?verbose=1', 'verbose', /no parameter/],
    ['/api/stream?types=state,log', 'types', /state, call, event/],
    ['/api/stream?since=5', 'since', /types, after/],
    ['/api/calls/a?full=1', 'full', /no parameter/],
    ['/api/calls?page=2', 'page', /unknown parameter/],
  ])('%s is refused by name', async (path, parameter, message) => {
    const {status, type, body} = await ask(await serve(), path)
    expect([status, type]).toEqual([400, 'application/json; charset=utf-8'])
    expect(JSON.parse(body)).toEqual({
      schema_version: 1,
      error: {code: 'bad_query', parameter, message: expect.stringMatching(message)},
    })
  })

  test('what the Go client answers without looking at the query stays that way', async () => {
    const server = await serve()
    expect(await ask(server, '/readyz?format=xml&x=1')).toMatchObject({status: 503, body: 'control plane poll pending'})
    expect((await ask(server, '/api/status?t=1')).status).toBe(200)
  })

  test('unknown paths are 404 in the words that scripts know', async () => {
    expect(await ask(await serve(), '/nope')).toMatchObject({status: 404, body: '404 page not found\n'})
  })

  test('a defect is a 500 and reported, not a hung request', async () => {
    const defects: unknown[] = []
    const server = await serve({
      onDefect: (error) => defects.push(error),
      sources: {
        readiness: () => {
          throw new Error('broken')
        },
        metrics: () => metrics.expose(),
        status: () => ({}),
        calls,
        ...unused,
      },
    })
    expect((await ask(server, '/readyz')).status).toBe(500)
    expect(defects).toHaveLength(1)
  })
})

describe('addresses', () => {
  test.each([
    ['127.0.0.1:0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost:0', /^http:\/\/localhost:\d+$/],
    ['[::1]:0', /^http:\/\/\[::1\]:\d+$/],
  ])('%s', async (listenAddr, url) => {
    const server = await serve({listen: {listenAddr, unixSocket: null}})
    expect(server.address.url).toMatch(url)
    expect((await ask(server, '/healthz')).body).toBe('live')
  })

  test('a busy port names its holder', async () => {
    const port = await listenInTest(createServer())
    await expect(serve({listen: {listenAddr: `127.0.0.1:${port}`, unixSocket: null}})).rejects.toMatchObject({
      code: 'TC-DAEMON-START',
      message: expect.stringMatching(
        process.platform === 'linux'
          ? new RegExp(
              `^listen tcp 127\\.0\\.0\\.1:${port}: bind: address already in use by .+ \\(pid ${process.pid}\\)$`,
            )
          : /address already in use/,
      ),
    })
  })

  test('an address of another host says what to choose instead', async () => {
    await expect(serve({listen: {listenAddr: '203.0.113.9:0', unixSocket: null}})).rejects.toMatchObject({
      code: 'TC-DAEMON-START',
      next: ['Listen on 127.0.0.1, or on an address of this host'],
    })
  })

  test.each(['8080', '127.0.0.1', '127.0.0.1:99999', ''])('%j is no address', async (listenAddr) => {
    await expect(serve({listen: {listenAddr, unixSocket: null}})).rejects.toMatchObject({code: 'TC-DAEMON-START'})
  })
})

describe('unix sockets', () => {
  const at = (path: string) => ({listenAddr: '127.0.0.1:8080', unixSocket: path})

  test('win over the address, make their folder, are the URL in base64url and go at the end', async () => {
    const path = join(folder, 'deep', 'health.sock')
    const server = await serve({listen: at(path)})
    expect(server.address.url).toBe(`http+unix://${Buffer.from(path).toString('base64url')}`)
    expect((await ask(server, '/healthz')).body).toBe('live')
    expect((await ask(server, '/api/status', {host: 'whatever'})).status).toBe(200)
    await server.close()
    expect(() => statSync(path)).toThrow(/ENOENT/)
  })

  test('a folder that cannot be made is named', async () => {
    writeFileSync(join(folder, 'taken'), '')
    await expect(serve({listen: at(join(folder, 'taken', 'health.sock'))})).rejects.toMatchObject({
      code: 'TC-DAEMON-START',
      message: expect.stringMatching(/^create health unix socket dir .*taken: /),
      next: ['Choose another --health.unix-socket'],
    })
  })

  test('another file in the way is refused', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    await expect(serve({listen: at(path)})).rejects.toMatchObject({
      message: `health unix socket path ${path} exists and is not a unix socket`,
      next: ['Choose another --health.unix-socket'],
    })
  })

  test('a live one is refused, a stale one is taken over', async () => {
    const path = join(folder, 'health.sock')
    const first = await serve({listen: at(path)})
    await expect(serve({listen: at(path)})).rejects.toThrow(
      `health unix socket path ${path} is already accepting connections`,
    )
    await first.close()
    // A process that was killed leaves its socket behind.
    const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`
    spawnSync(process.execPath, ['-e', code])
    expect(statSync(path).isSocket()).toBe(true)
    const second = await serve({listen: at(path)})
    expect((await ask(second, '/healthz')).body).toBe('live')
  })
})
