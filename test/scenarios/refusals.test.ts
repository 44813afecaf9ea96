// What callers learn of an MCP server that refuses: status, Retry-After, and what the server wrote.

import {expect, onTestFinished, test} from 'vitest'
import {createTunnelClient, createTunnelService} from '../../src/index.ts'
import {handshakeServer, type RawAnswer, startRawHttpServer} from '../support/servers/raw-http-server.ts'

const CALL = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x"}}'

/** Well for everybody but the call of a tool. */
async function refusing(refuse: RawAnswer): Promise<string> {
  const server = await startRawHttpServer((request, reply) => {
    if (request.body.includes('tools/call')) refuse(request, reply)
    else handshakeServer(request, reply)
  })
  onTestFinished(server.close)
  const service = await createTunnelService()
  onTestFinished(() => service.close())
  const client = createTunnelClient({...service.clientOptions(), mcp: {url: server.url.href}})
  onTestFinished(() => client.close())
  await client.start()
  await client.waitUntilReady()
  return service.mcpUrl
}

async function refusalOf(refuse: RawAnswer) {
  const reply = await fetch(await refusing(refuse), {
    method: 'POST',
    headers: {'content-type': 'application/json', accept: 'application/json, text/event-stream'},
    body: CALL,
  })
  const {error, id} = (await reply.json()) as {id: unknown; error: {message: string; data: Record<string, unknown>}}
  const {status, headers} = reply
  return {status, id, type: headers.get('content-type'), retryAfter: headers.get('retry-after'), headers, error}
}

test.each([
  [
    429,
    'text/plain; charset=utf-8',
    'slow down,\n please: 5 a minute',
    'Too Many Requests: slow down, please: 5 a minute',
  ],
  [503, 'text/html', '<h1>We will be back</h1>', 'Service Unavailable'],
  [500, 'application/json', '{"error":"database is gone"}', 'Internal Server Error'],
  [502, 'application/problem+json', '{"title":"caf\u00e9"}', 'Bad Gateway'],
])('%i with %s reaches the caller with its words', async (status, type, body, message) => {
  const got = await refusalOf((_, reply) =>
    reply.writeHead(status, {'Content-Type': type, 'Retry-After': '7'}).end(body),
  )
  expect(got).toMatchObject({status, id: 7, type: 'application/json', retryAfter: '7'})
  expect(got.error.message).toBe(message)
  expect(got.error.data).toMatchObject({
    failure_class: 'mcp_status',
    upstream_body: {content_type: type, text: body},
  })
})

test('401 keeps its challenge and its words', async () => {
  const challenge = 'Bearer realm="corp", error="invalid_token"'
  const body = '{"error":"invalid_token","error_description":"expired"}'
  const got = await refusalOf((_, reply) =>
    reply.writeHead(401, {'WWW-Authenticate': challenge, 'Content-Type': 'application/json'}).end(body),
  )
  expect(got.status).toBe(401)
  expect(got.headers.get('www-authenticate')).toBe(challenge)
  expect(got.error.data).toMatchObject({failure_class: 'mcp_auth', upstream_body: {text: body}})
})

test('a JSON-RPC error of the server stays as it is, with Retry-After', async () => {
  const error = {code: -32000, message: 'slow down', data: {limit: 5}}
  const got = await refusalOf((_, reply) =>
    reply
      .writeHead(429, {'Content-Type': 'application/json', 'Retry-After': '30'})
      .end(JSON.stringify({jsonrpc: '2.0', id: 7, error})),
  )
  expect(got).toMatchObject({status: 429, retryAfter: '30', type: 'application/json', error})
})

test('a long page is cut, and what is no text is left out', async () => {
  const page = await refusalOf((_, reply) =>
    reply.writeHead(503, {'Content-Type': 'text/html'}).end('é'.repeat(100_000)),
  )
  const body = page.error.data.upstream_body as {text: string; truncated: boolean}
  expect([body.text, body.truncated]).toEqual(['é'.repeat(2048), true])
  const image = await refusalOf((_, reply) => reply.writeHead(503, {'Content-Type': 'image/png'}).end('\x89PNG'))
  expect(image.error.data).not.toHaveProperty('upstream_body')
})
