// The stub as its users see it: two generations of the official client, the metadata documents, the Host rule.

import {request} from 'node:http'
import {Client as ClientV2, StreamableHTTPClientTransport as HttpV2} from '@modelcontextprotocol/client'
import {Client} from '@modelcontextprotocol/sdk/client/index.js'
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {createMcpStub, type McpStub} from '../../../src/service/mcp-stub/index.ts'

let stub: McpStub
beforeAll(async () => {
  stub = await createMcpStub({serverName: 'demo', serverVersion: '9.9.9'})
})
afterAll(() => stub.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{status: number; type: string; body: string}>((resolve, reject) => {
    const outgoing = request(`${stub.baseUrl}${path}`, {headers}, (reply) => {
      let body = ''
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      reply.on('end', () => resolve({status: reply.statusCode ?? 0, type: reply.headers['content-type'] ?? '', body}))
    })
    outgoing.on('error', reject).end()
  })

describe('the stub speaks to every generation of client', () => {
  test('the v1 client lists and calls the three tools', async () => {
    const client = new Client({name: 't', version: '1'})
    await client.connect(new StreamableHTTPClientTransport(new URL(stub.mcpUrl)) as never)
    expect(client.getServerVersion()).toMatchObject({name: 'demo', version: '9.9.9'})
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['server_info', 'echo', 'uppercase'])
    expect(await client.callTool({name: 'echo', arguments: {input: 'hello'}})).toMatchObject({
      content: [{type: 'text', text: 'hello'}],
      structuredContent: {echoed: 'hello'},
    })
    expect(await client.callTool({name: 'uppercase', arguments: {input: 'straße'}})).toMatchObject({
      content: [{type: 'text', text: 'STRASSE'}],
      structuredContent: {uppercase: 'STRASSE'},
    })
    const info = await client.callTool({name: 'server_info', arguments: {}})
    expect(info).toMatchObject({
      content: [{type: 'text', text: 'demo 9.9.9 demo tools: server_info, echo, uppercase'}],
      structuredContent: {name: 'demo', version: '9.9.9', available_tools: ['server_info', 'echo', 'uppercase']},
    })
    expect((await client.callTool({name: 'echo', arguments: {}})).isError).toBe(true)
    await client.close()
  })

  test.each([
    ['2025-11-25', 'legacy' as const],
    ['2026-07-28', {pin: '2026-07-28'}],
  ])('the v2 client on %s', async (version, mode) => {
    const client = new ClientV2({name: 't', version: '1'}, {versionNegotiation: {mode}})
    await client.connect(new HttpV2(new URL(stub.mcpUrl)))
    expect(client.getNegotiatedProtocolVersion()).toBe(version)
    expect((await client.listTools()).tools).toHaveLength(3)
    expect(await client.callTool({name: 'echo', arguments: {input: 'ü'}})).toMatchObject({
      structuredContent: {echoed: 'ü'},
    })
    await client.close()
  })
})

describe('the stub serves its metadata', () => {
  test.each(['', '/mcp'])('protected resource %s', async (suffix) => {
    const reply = await get(`/.well-known/oauth-protected-resource${suffix}`)
    expect(reply.type).toBe('application/json')
    expect(JSON.parse(reply.body)).toEqual({
      authorization_servers: [stub.baseUrl],
      resource: stub.mcpUrl,
      scopes_supported: ['read', 'write'],
    })
    expect(reply.body).toContain('\n  "resource"')
  })

  test('authorization server, with the base that the caller used', async () => {
    const host = stub.baseUrl.replace('http://127.0.0.1', 'localhost')
    const document = JSON.parse((await get('/.well-known/oauth-authorization-server', {Host: host})).body)
    expect(document).toMatchObject({
      issuer: `http://${host}`,
      registration_endpoint: `http://${host}/register`,
      code_challenge_methods_supported: ['S256'],
    })
    expect(JSON.parse((await get('/jwks')).body)).toEqual({keys: []})
  })

  test.each(['/authorize', '/token', '/register', '/'])('%s does not exist', async (path) => {
    expect((await get(path)).status).toBe(404)
  })
})

test('a name that was rebound to loopback is refused', async () => {
  expect((await get('/mcp', {Host: 'evil.example'})).status).toBe(403)
  expect((await get('/jwks', {Host: '127.0.0.1.evil.example'})).status).toBe(403)
})

test('a busy port and a bad address reject, close can be called twice', async () => {
  const port = new URL(stub.baseUrl).port
  await expect(createMcpStub({listenAddr: `127.0.0.1:${port}`})).rejects.toMatchObject({code: 'TC-LISTEN'})
  for (const listenAddr of ['nonsense', '127.0.0.1:65536']) {
    const message = `listen address "${listenAddr}" is not host:port`
    await expect(createMcpStub({listenAddr})).rejects.toMatchObject({code: 'TC-CLI-USAGE', message})
  }
  const other = await createMcpStub()
  await Promise.all([other.close(), other.close()])
  await expect(fetch(other.mcpUrl)).rejects.toThrow()
})
