// The first line of the doctor for the three mistakes that are made most often at first contact.

import {afterEach, describe, expect, test} from 'vitest'
import {Tunnel} from '../../scenarios/tunnel.ts'
import {mcpStub, scripted, tunnelService, visit} from './visit.ts'

const TUNNEL = `tunnel_${'0'.repeat(32)}`

describe('the path of the MCP server is forgotten', () => {
  let tunnel = new Tunnel()
  afterEach(() => tunnel.stop())

  test('a real server: its endpoint is found', async () => {
    tunnel = new Tunnel()
    const {http} = await tunnel.everythingHttp()
    const {origin, host} = new URL(http)
    const report = await visit({service: await tunnelService(), mcp: origin})
    expect(report.verdict.line).toBe(
      `You: MCP server main: nothing is at this path of the MCP server, seen at ${host}: HTTP 404 at /. ` +
        `Next: write ${origin}/mcp in --mcp.server-url: an MCP server answers there`,
    )
    expect(report.row('mcp:main/protocol')).toMatchObject({failure_class: 'mcp_path', who: ['you']})
    expect(report.verdict.code).toBe('TC-MCP-PATH')
  })

  test('nothing is found: the usual path is suggested, and no credential is shown to other paths', async () => {
    const asked: string[] = []
    const {url} = await scripted((request, reply) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'nobody'}`)
      reply
        .writeHead(404, {'Content-Type': 'application/json'})
        .end('{"jsonrpc":"2.0","error":{"code":1,"message":"no"}}')
    })
    const report = await visit({
      service: await tunnelService(),
      mcp: `${url}/wrong`,
      flags: {'mcp.extra-headers': ['Authorization: Bearer hunter2']},
      only: ['mcp:main'],
    })
    expect(report.verdict.line).toContain(
      `HTTP 404 at /wrong. Next: correct the path in --mcp.server-url: is it ${url}/mcp?`,
    )
    expect(asked.filter((line) => line.includes('/wrong ')).every((line) => line.endsWith('Bearer hunter2'))).toBe(true)
    expect(asked.filter((line) => !line.includes('/wrong ')).toSorted()).toEqual(
      ['/', '/api/mcp', '/mcp', '/v1/mcp', '/wrong/mcp'].map((path) => `POST ${path} nobody`),
    )
  })
})

describe('the address of the control plane is that of something else', () => {
  test('the MCP port of a tunnel service', async () => {
    const service = await tunnelService()
    const report = await visit({
      service,
      mcp: (await mcpStub()).mcpUrl,
      flags: {'control-plane.base-url': new URL(service.mcpUrl).origin},
    })
    expect(report.verdict.line).toMatch(
      /^You: control plane: this address is no tunnel service, .*unknown_url\. Next: correct --control-plane\.base-url/,
    )
    expect(report.row('control_plane/http').failure_class).toBe('wrong_base_url')
  })

  test.each([
    [405, '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Method not allowed."},"id":null}'],
    [404, '{"detail":"Not Found"}'],
  ])('an MCP server that says %i %s', async (status, body) => {
    const {url} = await scripted((_, reply) => reply.writeHead(status, {'Content-Type': 'application/json'}).end(body))
    const report = await visit({
      flags: {'control-plane.base-url': url, 'control-plane.tunnel-id': TUNNEL, 'mcp.server-url': [`${url}/mcp`]},
      env: {CONTROL_PLANE_API_KEY: 'secret-key'},
      only: ['control_plane'],
    })
    expect(report.verdict.line).toMatch(/^You: control plane: this address is no tunnel service, /)
  })
})

describe('a proxy variable is set and the host has no direct route', () => {
  const noWay = (env: Record<string, string>, base = 'https://tunnel.invalid') =>
    visit({
      flags: {
        'control-plane.base-url': base,
        'control-plane.tunnel-id': TUNNEL,
        'mcp.server-url': ['http://127.0.0.1:1/mcp'],
      },
      env: {CONTROL_PLANE_API_KEY: 'secret-key', ...env},
      only: ['control_plane'],
      timeout: '10s',
    })

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('%s is named', async (name) => {
    const report = await noWay({[name]: 'http://user:hunter2@proxy.corp:3128'})
    expect(report.verdict.line).toContain(`${name} is set and not used: this build connects directly`)
    expect(report.verdict.line).toContain('Next: allow direct connections to tunnel.invalid:443')
    expect(report.verdict.line).toMatch(/^You or IT: control plane: /)
    expect(JSON.stringify(report)).not.toContain('hunter2')
  })

  test.each([
    [{HTTPS_PROXY: 'http://proxy.corp:3128', NO_PROXY: 'localhost,.invalid'}],
    [{HTTP_PROXY: 'http://proxy.corp:3128'}],
    [{}],
  ])('nothing is said where none would be used: %j', async (env) => {
    expect((await noWay(env as Record<string, string>)).verdict.line).not.toMatch(/proxy/i)
  })
})
