// Odd answers to management requests, from a server that does what the test says.

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {expect, onTestFinished, test} from 'vitest'
import {createHttpDoor, createIdentity, Secret} from '../../../../src/foundation/platform/index.ts'
import {createTunnelAdmin, type TunnelAdmin, TunnelRefusal} from '../../../../src/tunnel/control-plane/index.ts'
import {listenInTest} from '../../../support/servers/loopback.ts'

const KEY = 'canary-key-7c41b0'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (response: ServerResponse, request: Seen) => void

async function scripted(answer: Answer): Promise<{origin: URL; seen: Seen[]}> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      const one = {method: request.method!, url: request.url!, headers: request.headers, body}
      seen.push(one)
      answer(response, one)
    })
  })
  return {origin: new URL(`http://127.0.0.1:${await listenInTest(server)}`), seen}
}

async function adminOf(
  answer: Answer,
  {urlPath = '', timeoutMs}: {urlPath?: string; timeoutMs?: number} = {},
): Promise<{admin: TunnelAdmin; seen: Seen[]}> {
  const {origin, seen} = await scripted(answer)
  const door = createHttpDoor()
  onTestFinished(() => door.close())
  const admin = createTunnelAdmin({
    baseUrl: new URL('/lost/path', origin),
    urlPath,
    key: new Secret(KEY),
    door,
    identity: createIdentity('1.2.3'),
    ...(timeoutMs === undefined ? {} : {timeoutMs}),
  })
  return {admin, seen}
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, {'content-type': 'application/json', ...headers})
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

async function refusal(promise: Promise<unknown>): Promise<TunnelRefusal> {
  const thrown = await promise.then(
    () => new Error('it was answered'),
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(TunnelRefusal)
  return thrown as TunnelRefusal
}

test('requests: paths, query, bodies, and who we are', async () => {
  const {admin, seen} = await adminOf(json(200, {id: 't', tunnels: []}), {urlPath: '/edge/cp'})
  await admin.create({name: ' n ', description: 'd', organizationIds: ['o'], workspaceIds: []})
  await admin.list({organizationId: 'a b'})
  await admin.get('t 1')
  await admin.update('t', {name: '', organizationIds: []})
  await admin.delete('t')
  expect(seen.map(({method, url, body}) => [method, url, body])).toEqual([
    ['POST', '/edge/cp/v1/tunnels', '{"name":" n ","description":"d","organization_ids":["o"]}'],
    ['GET', '/edge/cp/v1/tunnels?organization_id=a+b', ''],
    ['GET', '/edge/cp/v1/tunnels/t%25201', ''],
    ['POST', '/edge/cp/v1/tunnels/t', '{"name":"","organization_ids":[]}'],
    ['DELETE', '/edge/cp/v1/tunnels/t', ''],
  ])
  for (const {headers, body} of seen) {
    expect(headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      accept: 'application/json',
      'user-agent': 'tunnel-client-ts/1.2.3',
      'x-tunnel-client-name': 'tunnel-client-ts',
      'x-tunnel-client-version': '1.2.3',
      'x-tunnel-client-instance-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(headers['content-type']).toBe(body === '' ? undefined : 'application/json')
  }
})

test('answers: unknown members go, null and empty lists are absent, no body is a tunnel without anything', async () => {
  const rich = {id: 't', name: null, creator: '', organization_ids: [], workspace_ids: ['w'], extra: 1}
  const {admin} = await adminOf(json(201, rich, {'x-request-id': 'req_1'}))
  expect(await admin.get('t')).toEqual({id: 't', name: '', description: '', workspace_ids: ['w'], request_id: 'req_1'})
  const {admin: silent} = await adminOf((response) => response.writeHead(204).end())
  expect(await silent.delete('t')).toEqual({id: '', name: '', description: ''})
  expect(await silent.list({tenantId: 'x'})).toEqual({tunnels: null})
})

test.each([
  ['no JSON', '<oops>', 'the answer is not JSON'],
  ['an array', '[]', 'decode response'],
  ['a wrong type', '{"id":7}', 'id'],
])('200 with %s is no success', async (_, body, says) => {
  const {admin} = await adminOf(json(200, body))
  await expect(admin.get('t')).rejects.toMatchObject({code: 'TC-ADMIN-ANSWER', message: expect.stringContaining(says)})
})

test('a web page is no tunnel service, with 200 and with 404', async () => {
  const page: Answer = (response, {method}) => {
    response.writeHead(method === 'DELETE' ? 404 : 200, {'content-type': 'text/html; charset=utf-8'})
    response.end('<html>Sign in <b>here</b></html>')
  }
  const {admin} = await adminOf(page)
  await expect(admin.get('t')).rejects.toMatchObject({code: 'TC-ADMIN-ANSWER'})
  const refused = await refusal(admin.delete('t'))
  expect(refused.message).toBe(
    'request DELETE /v1/tunnels/t failed: 404 a web page answered instead of the tunnel service',
  )
  expect(refused).toMatchObject({failure: 'wrong_base_url', notFound: false})
})

test('404 Invalid URL is about the address, not about the tunnel', async () => {
  const {admin} = await adminOf((response, {method, url}) =>
    json(404, {error: {message: `Invalid URL (${method} ${url})`}})(response, {} as Seen),
  )
  const deleted = await refusal(admin.delete('t'))
  expect(deleted.message).toContain('delete is not exposed on this control-plane base URL yet')
  expect(deleted.message).toContain('Invalid URL (DELETE /v1/tunnels/t)')
  expect((await refusal(admin.get('t'))).notFound).toBe(false)
  const {admin: other} = await adminOf(json(404, {error: {message: 'no such tunnel', code: 'tunnel_not_found'}}))
  expect((await refusal(other.get('t'))).notFound).toBe(true)
})

test('429 is told with its Retry-After and not repeated', async () => {
  const body = {error: {message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded'}}
  const {admin, seen} = await adminOf(json(429, body, {'retry-after': '7', 'x-request-id': 'req_9'}))
  const refused = await refusal(admin.list({organizationId: 'o'}))
  expect(refused.details).toMatchObject({
    method: 'GET',
    path: '/v1/tunnels',
    status_code: 429,
    request_id: 'req_9',
    code: 'rate_limit_exceeded',
    type: 'rate_limit_error',
    mitigation: expect.any(String),
    retry_after_seconds: 7,
  })
  expect(refused.next).toEqual(['Try again in 7 s'])
  expect(seen).toHaveLength(1)
})

test('a redirect is refused, and the key stays here', async () => {
  const elsewhere = await scripted((response) => response.end('{}'))
  const {admin} = await adminOf((response) =>
    response.writeHead(307, {location: `${elsewhere.origin}v1/tunnels/t?token=x`}).end(),
  )
  const refused = await refusal(admin.get('t'))
  expect(refused.message).toContain(`redirects to ${elsewhere.origin.origin}, which is not followed`)
  expect(refused.failure).toBe('redirected')
  expect(elsewhere.seen).toEqual([])
})

test('a server that repeats the key does not make us show it, nor may it steer the terminal', async () => {
  const {admin} = await adminOf(
    json(401, {error: {message: `bad key ${KEY}\u001b[2J\nbye`, code: 'invalid_api_key'}}, {'x-request-id': KEY}),
  )
  const refused = await refusal(admin.get('t'))
  expect(JSON.stringify([refused.message, refused.details, refused.next])).not.toContain(KEY)
  expect(refused.message).toContain('invalid_api_key: bad key [secret]\\x1b[2J bye')
})

test('other bodies: top-level members, detail, long text', async () => {
  const bodies = [{code: 'c', message: 'm'}, {detail: {why: 1}}, 'x'.repeat(9000)]
  const {admin} = await adminOf((response) => {
    const body = bodies.shift()!
    response.writeHead(500, {'content-type': 'text/plain'})
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  expect((await refusal(admin.get('t'))).message).toBe('request GET /v1/tunnels/t failed: 500 c: m')
  expect((await refusal(admin.get('t'))).message).toBe('request GET /v1/tunnels/t failed: 500 {"why":1}')
  expect((await refusal(admin.get('t'))).message).toMatch(/ 500 x{1024}\.\.\.$/)
})

test('silence ends, and a change may have happened', async () => {
  const {admin} = await adminOf(() => undefined, {timeoutMs: 1000})
  await expect(admin.create({name: 'n', description: 'd'})).rejects.toMatchObject({
    code: 'TC-ADMIN-NO-ANSWER',
    next: [expect.stringContaining('It may have been done')],
  })
})

test('a key that cannot be one is refused before it is sent', async () => {
  const door = createHttpDoor()
  onTestFinished(() => door.close())
  const make = () =>
    createTunnelAdmin({
      baseUrl: new URL('http://127.0.0.1:1'),
      urlPath: '',
      key: new Secret('two words'),
      door,
      identity: createIdentity('1'),
    })
  expect(make).toThrow('the key holds characters that no key has')
})
