import {describe, expect, it} from 'vitest'
import {checkConfigFile} from '../../../src/foundation/config/index.ts'
import {folder, TUNNEL} from './loading.ts'

const check = (yaml: string, env: Record<string, string> = {}) =>
  checkConfigFile({path: '/home/x/demo.yaml', data: Buffer.from(yaml), env, cwd: folder})
const texts = (problems: readonly {message: string}[]): string[] => problems.map(({message}) => message)

const GOOD = `
config_version: 1
control_plane: {tunnel_id: ${TUNNEL}, api_key: "env:MY_KEY"}
mcp: {server_urls: [{url: "http://127.0.0.1:9/mcp"}]}
`

describe('what may be saved', () => {
  it('is a file that says nothing yet', async () => {
    expect(texts((await check('config_version: 1\n')).broken)).toEqual([])
  })

  it.each([
    ['', 'EOF'],
    ['config_version: 2', 'unsupported config_version 2'],
    ['nope: 1', 'field nope not found'],
    ['control_plane: {api_key: "env:9x"}', 'control_plane.api_key names no variable'],
    ['control_plane: {api_key: "ENV:"}', 'control_plane.api_key needs the name of a variable'],
    ['control_plane: {base_url: "file: "}', 'control_plane.base_url needs a path'],
    ['control_plane: {url_path: ""}', 'control_plane.url_path cannot be empty'],
    ['health: {listen_addr: "a\\nb"}', 'health.listen_addr must be one line'],
    ['mcp: {commands: [{command: "a\\nb"}]}', 'mcp.commands.command must be one line'],
    ['mcp: {server_urls: [{channel: main}]}', 'mcp.server_urls entry requires url'],
    ['mcp: {server_urls: [{url: "env:1"}]}', 'mcp.server_urls.url names no variable'],
    ['control_plane: {extra_headers: {Authorization: x}}', '"Authorization" cannot override'],
    ['mcp: {extra_headers: {"a b": x}}', 'invalid HTTP header name "a b"'],
    ['mcp: {extra_headers: {a: x, A: y}}', 'conflicting values'],
    ['mcp: {extra_headers: {a: "env:"}}', 'mcp.extra_headers.A needs the name'],
  ])('is not %j', async (yaml, text) => {
    const {broken} = await check(yaml)
    expect(texts(broken)).toEqual([expect.stringContaining(text)])
    expect(broken[0]!.message).toMatch(/^parse config file \/home\/x\/demo\.yaml: /)
  })

  it('never shows a value that may be a key', async () => {
    const {broken, refused, unmet} = await check('control_plane: {api_key: "env:sk-verysecretkey-0123456789"}')
    expect(broken).toHaveLength(1)
    expect(JSON.stringify([broken, refused, unmet, texts(broken)])).not.toContain('verysecret')
  })
})

describe('what run would say', () => {
  it('is nothing when all is there', async () => {
    expect(await check(GOOD, {MY_KEY: 'k1'})).toEqual({
      broken: [],
      refused: [],
      unmet: [],
      overruled: [],
      shadowed: [],
      variables: ['MY_KEY'],
    })
  })

  it('knows a variable that is not set from a mistake', async () => {
    const {refused, unmet} = await check(GOOD.replace('http://127.0.0.1:9/mcp', 'nope'))
    expect(texts(refused)).toEqual(['invalid mcp.server-url: must include scheme and host'])
    expect(texts(unmet)).toEqual([expect.stringContaining('environment variable "MY_KEY" is not set')])
  })

  it('asks the file alone first, then with the variables that outrank it', async () => {
    const {refused, overruled} = await check(GOOD, {MY_KEY: 'k1', MCP_COMMAND: 'cat'})
    expect(refused).toEqual([])
    expect(texts(overruled)).toEqual([expect.stringContaining('duplicate channel "main"')])
  })

  it('does not take a value of the environment for one of the file', async () => {
    const {refused} = await check('config_version: 1', {CONTROL_PLANE_TUNNEL_ID: TUNNEL, MCP_COMMAND: 'cat'})
    expect(refused.map(({code}) => code)).toEqual(['TC-CONFIG-TUNNEL-ID-MISSING', 'TC-CONFIG-MAIN-CHANNEL-MISSING'])
  })

  it('tells which values never count in this shell', async () => {
    const env = {MY_KEY: 'k1', CONTROL_PLANE_API_KEY: 'k2', CONTROL_PLANE_TUNNEL_ID: '', MCP_SERVER_URL: 'http://b/'}
    const {shadowed} = await check(GOOD, env)
    expect(shadowed).toEqual([
      {key: 'control_plane.tunnel_id', variable: 'CONTROL_PLANE_TUNNEL_ID'},
      {key: 'control_plane.api_key', variable: 'CONTROL_PLANE_API_KEY'},
      {key: 'mcp.server_urls', variable: 'MCP_SERVER_URL'},
    ])
    const same = {
      MY_KEY: 'k1',
      CONTROL_PLANE_API_KEY: 'k1',
      CONTROL_PLANE_TUNNEL_ID: TUNNEL,
      MCP_SERVER_URL: 'http://127.0.0.1:9/mcp',
    }
    expect((await check(GOOD, same)).shadowed).toEqual([])
  })

  it('names the variables that a file refers to', async () => {
    const {variables} = await check(`
http_proxy: env:HTTPS_PROXY
ca_bundle: env:CA
control_plane: {api_key: "ENV:KEY", extra_headers: {X-A: "env:HEADER"}}
mcp: {commands: [{channel: env:NOT, command: "env:COMMAND"}]}
`)
    expect([...variables].sort()).toEqual(['CA', 'COMMAND', 'HEADER', 'HTTPS_PROXY', 'KEY'])
  })
})
