import {createServer, type Server} from 'node:http'
import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {createTunnelClient} from '../../../src/index.ts'
import {listenInTest} from '../../support/servers/loopback.ts'
import {CANARY, callTool, client, makeServer, service, TUNNEL_ID, UNREACHABLE} from './rig.ts'

describe('what it may not be given', () => {
  it.each([
    ['no options', undefined, /have to be an object/],
    ['no tunnel', {apiKey: 'k', mcp: {server: makeServer}}, /tunnelId is missing/],
    ['a misspelt option', {env: {}, tunnelID: 'x'}, /no option tunnelID; did you mean tunnelId\?/],
    ['a key of the wrong type', {env: {}, apiKey: 5}, /apiKey has to be a string or a function/],
    ['a server in place of a target', {env: {}, mcp: makeServer()}, /write mcp: \{server: …\}/],
    ['two targets', {env: {}, mcp: {url: 'http://a', command: 'b'}}, /exactly one of/],
    ['a target of nothing', {env: {}, mcp: {}}, /exactly one of/],
    ['an option of another target', {env: {}, mcp: {url: 'http://a', args: []}}, /no option mcp\.args/],
    ['a server that is none', {env: {}, mcp: {server: {}}}, /connect\(\)/],
    ['main twice', {env: {}, channels: {main: {url: 'http://a'}}}, /give the server of main as mcp/],
    ['half a millisecond', {env: {}, pollTimeout: 0.5}, /pollTimeout has to be a whole number/],
  ])('refuses %s before anything happens', (_name, options, message) => {
    let thrown: unknown
    try {
      createTunnelClient(options as never)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({name: 'TunnelError', code: 'TC-SDK-OPTIONS', message: expect.stringMatching(message)})
  })

  it.each([
    [{tunnelId: 'tunnel_BAD'}, 'TC-CONFIG-TUNNEL-ID-INVALID', 'option tunnelId'],
    [{apiKey: 'has blanks'}, 'TC-CONFIG-API-KEY-MALFORMED', 'option apiKey'],
    [{baseUrl: 'ftp://x'}, 'TC-CONFIG-BASE-URL', 'option baseUrl'],
    [{headers: {Authorization: 'x'}}, 'TC-CONFIG-HEADER', 'option headers'],
    [{maxInFlight: 0}, 'TC-CONFIG-VALUE', 'option maxInFlight'],
    [{caBundle: '/nonexistent.pem'}, 'TC-CONFIG-CA-BUNDLE', 'option caBundle'],
  ])('names the option that holds a bad value: %j', async (bad, code, origin) => {
    const one = client({tunnelId: TUNNEL_ID, apiKey: CANARY, mcp: {server: makeServer}, ...bad})
    const error = await one.start().catch((thrown) => thrown)
    expect(error).toMatchObject({code: 'TC-CONFIG-INVALID', problems: [{code, origin}]})
    expect(error.message).not.toMatch(/--|control-plane\./)
    expect(one.state()).toMatchObject({
      phase: 'failed',
      ready: false,
      message: error.message,
      error: {code: error.code},
    })
  })
})

describe('what its log blames', () => {
  it('is an option, not a flag or a variable that nobody set', async () => {
    const one = await service()
    const warned: Record<string, unknown>[] = []
    const keep = (_message: string, attrs?: object) => void warned.push({...attrs})
    const refused = client({
      ...one.clientOptions(),
      apiKey: () => CANARY,
      mcp: {url: UNREACHABLE},
      logger: {warn: keep, error: keep},
    })
    await refused.start()
    const blamed = (setting: string) => warned.find((attrs) => attrs.setting === setting)?.origin
    await vi.waitFor(() => expect(blamed('apiKey')).toBe('option apiKey'), 30_000)
    await vi.waitFor(() => expect(blamed('mcp.url')).toBe('option mcp.url'), 30_000)
    expect(JSON.stringify(warned)).not.toMatch(/flag --|env CONTROL|"default"|control_plane\.|mcp\.server_urls/)
  })

  it('is the variable where the key came from one', async () => {
    const {tunnelId, baseUrl} = (await service()).clientOptions()
    const warned: Record<string, unknown>[] = []
    const refused = client({
      tunnelId,
      baseUrl,
      env: {CONTROL_PLANE_API_KEY: CANARY},
      mcp: {server: makeServer},
      logger: {warn: (_message, attrs) => warned.push(attrs ?? {})},
    })
    await refused.start()
    await vi.waitFor(
      () => expect(warned).toContainEqual(expect.objectContaining({origin: 'env CONTROL_PLANE_API_KEY'})),
      30_000,
    )
  })
})

describe('what it may be given', () => {
  let upstream: Server
  it('serves an HTTP server, further channels, and an operator surface', async () => {
    upstream = createServer((request, response) => {
      request.resume()
      response.writeHead(200, {'content-type': 'application/json'})
      response.end(`{"jsonrpc":"2.0","id":1,"result":{"from":"${request.headers['x-team']}"}}`)
    })
    const url = `http://127.0.0.1:${await listenInTest(upstream)}/mcp`
    const {mcpUrl, ...options} = await service().then((one) => ({mcpUrl: one.mcpUrl, ...one.clientOptions()}))
    const one = client({
      ...options,
      mcp: {url},
      channels: {inside: {server: makeServer}},
      mcpHeaders: {'X-Team': () => 'blue'},
      health: {},
    })
    await one.start()
    const {healthUrl} = one.state()
    expect((await fetch(`${healthUrl}/healthz`)).status).toBe(200)
    expect(await callTool(mcpUrl, 1)).toContain('"from":"blue"')
    expect(await callTool(`${mcpUrl}/inside`, 3)).toContain('waited 3')
  })

  it('reads the environment only when it is told to', async () => {
    const {tunnelId, apiKey, baseUrl} = await service()
    const env = {
      CONTROL_PLANE_TUNNEL_ID: tunnelId,
      CONTROL_PLANE_API_KEY: apiKey,
      CONTROL_PLANE_BASE_URL: baseUrl,
      MCP_COMMAND: `${process.execPath} ${fileURLToPath(new URL('../../support/servers/stdio-server.mjs', import.meta.url))}`,
    }
    const told = client({env})
    await told.start()
    await told.waitUntilReady()
    const twice = client({env, mcp: {server: makeServer}})
    await expect(twice.start()).rejects.toMatchObject({
      code: 'TC-SDK-OPTIONS',
      message: /given as an option and in env/,
    })

    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    const untold = client({tunnelId: TUNNEL_ID, apiKey: CANARY, mcp: {server: makeServer}, baseUrl: UNREACHABLE})
    await untold.start()
    expect(untold.state().ready).toBe(false)
  })
})
