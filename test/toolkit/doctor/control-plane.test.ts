// The ladder of the control plane against our own service and against servers that are something else.

import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import {authority} from '../../foundation/platform/http/certificates.ts'
import {needs, program} from '../../support/parts.ts'
import {postMcp} from '../../support/post-mcp.ts'
import {mcpStub, scripted, tunnelService, visit} from './visit.ts'

const OTHER_TUNNEL = `tunnel_${'f'.repeat(32)}`
const TUNNEL = `tunnel_${'0'.repeat(32)}`

type Answer = {status: number; body: string; type: string; headers?: Record<string, string>}

const json = (status: number, body: unknown): Answer => ({status, body: JSON.stringify(body), type: 'application/json'})
const refusal = (status: number, code: string, message = 'no'): Answer =>
  json(status, {error: {message, code, type: 'x'}})

/** A service without a key answers 401; with one, what the test says for metadata and for the answer nobody asked for. */
const service = (metadata: Answer, use: Answer) =>
  scripted((request, reply) => {
    const keyless = request.headers.authorization === undefined
    const {status, type, body, headers} = keyless
      ? refusal(401, 'missing_api_key')
      : request.method === 'POST'
        ? use
        : metadata
    reply.writeHead(status, {'Content-Type': type, ...headers}).end(body)
  })

const OK = json(200, {id: TUNNEL, name: 'n', description: ''})
const UNKNOWN_REQUEST = refusal(404, 'pending_request_not_found')

const ask = (url: string, more: Partial<Parameters<typeof visit>[0]> = {}) =>
  visit({
    only: ['control_plane'],
    flags: {
      'control-plane.base-url': url,
      'control-plane.tunnel-id': TUNNEL,
      'mcp.server-url': ['http://127.0.0.1:1/mcp'],
    },
    env: {CONTROL_PLANE_API_KEY: 'secret-key'},
    timeout: '20s',
    ...more,
  })

describe('our own service', () => {
  test('healthy: every rung passes, and the verdict says that a call would work', async () => {
    const report = await visit({service: await tunnelService(), mcp: (await mcpStub()).mcpUrl})
    expect(report.result).toBe('ok')
    expect(report.verdict.line).toMatch(/^OK: a call would work now \(control plane \d+ ms, main 3 tools\)$/)
    expect(report.next).toBe('tunnel-client run')
    const ladder = report.checks.filter(({destination}) => destination === 'control_plane')
    expect(ladder.map(({id, status}) => `${id} ${status}`)).toEqual([
      'route PASS',
      'connect PASS',
      'http PASS',
      'auth PASS',
      'scope PASS',
    ])
    expect(report.routes[0]).toMatchObject({destination: 'control_plane', mode: 'direct'})
  })

  test('announces the channels that the daemon would announce', async () => {
    const announced = new Set<string | undefined>()
    const {url} = await scripted((request, reply) => {
      if (request.headers.authorization !== undefined)
        announced.add(String(request.headers['x-tunnel-mcp-server-info']))
      reply.writeHead(200, {'Content-Type': 'application/json'}).end(OK.body)
    })
    await ask(url, {
      flags: {
        'control-plane.base-url': url,
        'control-plane.tunnel-id': TUNNEL,
        'mcp.server-url': ['http://127.0.0.1:1/mcp', 'channel=other,url=http://127.0.0.1:1/mcp'],
        'control-plane.poll-channel': ['main'],
      },
    })
    expect([...announced]).toEqual(['{"version":1,"channels":[{"name":"main"}]}'])
  })

  test('a wrong key is named with its origin, and never shown', async () => {
    const report = await visit({
      service: await tunnelService(),
      mcp: (await mcpStub()).mcpUrl,
      env: {CONTROL_PLANE_API_KEY: 'sk-wrong-key'},
    })
    expect(report.result).toBe('fail')
    expect(report.row('control_plane/auth')).toMatchObject({status: 'FAIL', failure_class: 'key_invalid', who: ['you']})
    expect(report.verdict.line).toContain('env CONTROL_PLANE_API_KEY')
    expect(report.row('control_plane/scope')).toMatchObject({status: 'BLOCKED', blocked_by: 'control_plane/auth'})
    expect(JSON.stringify(report)).not.toContain('sk-wrong-key')
  })

  test('an unknown tunnel', async () => {
    const report = await visit({
      service: await tunnelService(),
      mcp: (await mcpStub()).mcpUrl,
      flags: {'control-plane.tunnel-id': OTHER_TUNNEL},
    })
    expect(report.row('control_plane/auth').status).toBe('PASS')
    expect(report.row('control_plane/scope')).toMatchObject({status: 'FAIL', failure_class: 'tunnel_unknown'})
    expect(report.failed_checks).toEqual(['control_plane/scope'])
  })

  test('an admin key lacks Use', async () => {
    const local = await tunnelService()
    const report = await visit({
      service: local,
      mcp: (await mcpStub()).mcpUrl,
      env: {CONTROL_PLANE_API_KEY: local.adminKey.reveal()},
    })
    expect(report.row('control_plane/scope')).toMatchObject({status: 'FAIL', failure_class: 'use_forbidden'})
  })

  test('takes no work: a waiting call is still there for the daemon', async () => {
    const local = await tunnelService()
    const caller = postMcp(local.mcpUrl, {id: 1, method: 'ping'}).catch(() => null)
    await expect.poll(() => local.snapshot()?.queued).toBe(1)
    const report = await visit({service: local, mcp: (await mcpStub()).mcpUrl})
    expect(report.result).toBe('ok')
    expect(local.snapshot()?.queued).toBe(1)
    await local.close()
    await caller
  })
})

describe('what the service says decides', () => {
  test.each([
    ['granted', OK, UNKNOWN_REQUEST, 'PASS', undefined],
    ['granted by mismatch', OK, refusal(401, 'tunnel_request_mismatch'), 'PASS', undefined],
    ['no Use', OK, refusal(403, 'tunnel_use_forbidden'), 'FAIL', 'use_forbidden'],
    ['no principal', OK, refusal(403, 'tunnel_missing_principals'), 'FAIL', 'key_principal'],
    ['odd service', OK, json(200, {}), 'WARN', undefined],
    ['no proof', OK, json(418, {}), 'UNKNOWN', 'unexpected_status'],
    ['no Read, but Use', refusal(403, 'tunnel_read_forbidden'), UNKNOWN_REQUEST, 'WARN', undefined],
    ['organization', refusal(403, 'tunnel_active_organization_required'), UNKNOWN_REQUEST, 'FAIL', 'org_missing'],
    ['another tunnel', json(200, {id: OTHER_TUNNEL}), UNKNOWN_REQUEST, 'FAIL', 'identity'],
    ['no such tunnel', refusal(404, 'tunnel_not_found'), UNKNOWN_REQUEST, 'FAIL', 'tunnel_unknown'],
  ])('%s', async (_name, metadata, use, status, failure) => {
    const {url} = await service(metadata, use)
    const report = await ask(url)
    expect(report.row('control_plane/auth').status).toBe('PASS')
    const scope = report.row('control_plane/scope')
    expect(scope.status).toBe(status)
    if (failure !== undefined) expect(scope.failure_class).toBe(failure)
  })

  test.each([
    ['identity', json(200, {id: OTHER_TUNNEL}), UNKNOWN_REQUEST, 'scope', /address of your service/],
    ['tunnel_unknown', refusal(404, 'tunnel_not_found'), UNKNOWN_REQUEST, 'scope', /^correct the tunnel id/],
    ['service_down', json(503, {error: {message: 'maintenance'}}), UNKNOWN_REQUEST, 'auth', /^wait/],
    ['service_down', OK, json(503, {error: {message: 'maintenance'}}), 'scope', /^wait/],
    ['key_invalid', refusal(401, 'invalid_api_key'), UNKNOWN_REQUEST, 'auth', /runtime key/],
  ] as [string, Answer, Answer, string, RegExp][])(
    'the next step of %s (%#) is about it',
    async (failure, metadata, use, id, next) => {
      const row = (await ask((await service(metadata, use)).url)).row(`control_plane/${id}`)
      expect(row).toMatchObject({failure_class: failure, next: [expect.stringMatching(next)]})
      if (failure !== 'key_invalid') expect(row.next?.join()).not.toMatch(/scopes|runtime key/)
      if (id === 'scope' && row.status === 'FAIL') {
        expect(row.evidence?.join()).toContain('the tunnel id came from flag --control-plane.tunnel-id')
      }
    },
  )

  test('429 is no proof either way', async () => {
    const limited = {...refusal(429, 'rate_limit_exceeded'), headers: {'Retry-After': '30'}}
    const report = await ask((await service(limited, UNKNOWN_REQUEST)).url)
    expect(report.row('control_plane/auth')).toMatchObject({status: 'UNKNOWN', failure_class: 'rate_limited'})
    expect(report.result).toBe('fail')
  })
})

describe('somebody else answers: the key stays here', () => {
  test.each([
    ['sign-in page', {status: 200, type: 'text/html', body: '<h1>Welcome to the hotel</h1>'}, 'captive_portal'],
    [
      'redirect elsewhere',
      {status: 302, type: 'text/html', body: '', headers: {Location: 'http://portal.example/'}},
      'captive_portal',
    ],
    ['redirect here', {status: 308, type: 'text/html', body: '', headers: {Location: '/elsewhere'}}, 'redirected'],
    ['network authentication', {status: 511, type: 'text/html', body: ''}, 'captive_portal'],
    ['some web server', {status: 404, type: 'text/html', body: '<h1>Not Found</h1>'}, 'wrong_base_url'],
    ['a gateway', {status: 502, type: 'text/html', body: '<h1>Bad Gateway</h1>'}, 'service_down'],
    ['the service is down', json(503, {error: {message: 'maintenance'}}), 'service_down'],
  ] as [string, Answer, string][])('%s', async (_name, {status, type, body, headers}, failure) => {
    const other = await scripted((_request, reply) =>
      reply.writeHead(status, {'Content-Type': type, ...headers}).end(body),
    )
    const report = await ask(other.url)
    expect(report.row('control_plane/http')).toMatchObject({status: 'FAIL', failure_class: failure})
    expect(report.row('control_plane/auth')).toMatchObject({status: 'BLOCKED', blocked_by: 'control_plane/http'})
    expect(other.seen).toHaveLength(1)
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization')
    expect(other.seen[0]?.rawHeaders.join()).not.toContain('secret-key')
  })
})

describe('below HTTP', () => {
  test('nobody listens', async () => {
    const gone = await scripted(() => {})
    const port = new URL(gone.url).port
    const report = await ask(`http://127.0.0.1:${port === '1' ? 2 : 1}`)
    expect(report.row('control_plane/connect')).toMatchObject({
      status: 'FAIL',
      failure_class: 'refused',
      code: 'TC-CONNECT-REFUSED',
      hop: {kind: 'direct', address: '127.0.0.1:1'},
    })
    expect(report.verdict).toMatchObject({destination: 'control_plane', rung: 'connect', failure_class: 'refused'})
    expect(report.verdict.line).toContain('ECONNREFUSED')
    const blocked = report.checks.filter(({status}) => status === 'BLOCKED').map(({id}) => id)
    expect(blocked).toEqual(['http', 'auth', 'scope'])
  })

  test('no such name', async () => {
    const report = await ask('http://no-such-host.invalid')
    const resolve = report.row('control_plane/resolve')
    expect(resolve.status).toBe('FAIL')
    expect(resolve.failure_class).toMatch(/^dns_/)
    expect(resolve.next?.[0]).toContain('getent hosts no-such-host.invalid')
  })

  test('https at a port that speaks http', async () => {
    const {url} = await service(OK, UNKNOWN_REQUEST)
    const report = await ask(url.replace('http:', 'https:'))
    expect(report.row('control_plane/tls')).toMatchObject({status: 'FAIL', failure_class: 'not_tls'})
  })

  test('a server that takes the connection and says nothing, within the time given', async () => {
    const silent = await scripted(() => {})
    const report = await ask(silent.url, {timeout: '3s'})
    const http = report.row('control_plane/http')
    expect(['FAIL', 'UNKNOWN']).toContain(http.status)
    expect(['timeout_http', 'out_of_time']).toContain(http.failure_class)
    expect(report.result).toBe('fail')
    expect(report.duration_ms).toBeLessThan(10_000)
  })
})

describe('TLS', () => {
  beforeEach(needs(program('openssl', 'openssl')))

  test('an authority that nobody trusts: nothing is sent; with --ca-bundle all is well', async () => {
    const root = authority()
    const pair = root.leaf()
    const {url, seen} = await scripted((request, reply) => {
      const answer =
        request.headers.authorization === undefined
          ? refusal(401, 'missing_api_key')
          : request.method === 'POST'
            ? UNKNOWN_REQUEST
            : OK
      reply.writeHead(answer.status, {'Content-Type': answer.type}).end(answer.body)
    }, pair)
    const report = await ask(url)
    expect(report.row('control_plane/tls')).toMatchObject({
      status: 'FAIL',
      failure_class: 'untrusted_issuer',
      next: [expect.stringContaining('--ca-bundle')],
    })
    expect(seen).toEqual([])

    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    onTestFinished(() => rm(folder, {recursive: true}))
    await writeFile(join(folder, 'ca.pem'), root.cert)
    const trusting = await ask(url, {
      flags: {
        'control-plane.base-url': url,
        'control-plane.tunnel-id': TUNNEL,
        'mcp.server-url': ['http://127.0.0.1:1/mcp'],
        'ca-bundle': join(folder, 'ca.pem'),
      },
    })
    expect(trusting.row('control_plane/tls').status).toBe('PASS')
    expect(trusting.row('control_plane/scope').status).toBe('PASS')
    expect(trusting.clock).toEqual({skew_ms: expect.any(Number), source: 'verified'})
  })

  test('an expired certificate', async () => {
    const {url, seen} = await scripted(() => {}, authority().leaf({until: '20210101000000Z'}))
    const report = await ask(url)
    const tls = report.row('control_plane/tls')
    expect(tls.status).toBe('FAIL')
    expect(['expired', 'untrusted_issuer']).toContain(tls.failure_class)
    expect(seen).toEqual([])
  })

  test('a clock that is far off is a warning', async () => {
    const root = authority()
    const date = new Date(Date.now() + 600_000).toUTCString()
    const {url} = await scripted((request, reply) => {
      const answer =
        request.headers.authorization === undefined
          ? refusal(401, 'x')
          : request.method === 'POST'
            ? UNKNOWN_REQUEST
            : OK
      reply.writeHead(answer.status, {'Content-Type': answer.type, Date: date}).end(answer.body)
    }, root.leaf())
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    onTestFinished(() => rm(folder, {recursive: true}))
    await writeFile(join(folder, 'ca.pem'), root.cert)
    const report = await ask(url, {
      only: ['control_plane', 'clock'],
      flags: {
        'control-plane.base-url': url,
        'control-plane.tunnel-id': TUNNEL,
        'mcp.server-url': ['http://127.0.0.1:1/mcp'],
        'ca-bundle': join(folder, 'ca.pem'),
      },
    })
    expect(report.row('clock')).toMatchObject({status: 'WARN', summary: expect.stringContaining('behind')})
    expect(report.result).toBe('ok')
  })
})
