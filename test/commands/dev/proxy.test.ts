// `dev proxy` as scripts use it: a process that prints where everything is.

import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {createMcpStub, type McpStub} from '../../../src/service/mcp-stub/index.ts'
import {type Cli, cli, RUN_JS, runCli} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'

let folder = ''
let stub: McpStub
const started: Cli[] = []
beforeAll(async () => {
  stub = await createMcpStub()
})
afterAll(() => stub.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxy-test-'))
})
afterEach(async () => {
  for (const process of started.splice(0)) await process.stop()
  rmSync(folder, {recursive: true})
})

function proxy(args: readonly string[], env: Record<string, string> = {}): Cli {
  const process = cli(['dev', 'proxy', ...args], {env: {TMPDIR: folder, ...env}})
  started.push(process)
  return process
}

const body = (name: string, args: object): string =>
  JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name, arguments: args}})
const headers = {'content-type': 'application/json', accept: 'application/json, text/event-stream'}
const callAt = async (url: string): Promise<string> =>
  await (await fetch(url, {method: 'POST', headers, body: body('uppercase', {input: 'proxied'})})).text()
const TUNNEL = 'tunnel_22222222222222222222222222222222'

describe('dev proxy', () => {
  test('--print-json and --url-file give the same document, the MCP URL works, and nothing but that file is left', async () => {
    const urlFile = join(folder, 'deep', 'proxy.json')
    const process = proxy([
      '--mcp-server-url',
      stub.mcpUrl,
      '--print-json',
      '--url-file',
      urlFile,
      '--health-listen-addr',
      '127.0.0.1:0',
    ])
    await process.output(/^\}\n/m)
    const info = JSON.parse(process.stdout())
    expect(JSON.parse(readFileSync(urlFile, 'utf8'))).toEqual(info)
    expect(readFileSync(urlFile, 'utf8')).toMatch(/^\{\n {2}"tunnel_id".*\}\n$/s)
    expect(statSync(urlFile).mode & 0o777).toBe(0o644)
    expect(info).toEqual({
      tunnel_id: expect.stringMatching(/^tunnel_[0-9a-f]{32}$/),
      mcp_url: expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/v1/mcp/${info.tunnel_id}$`)),
      mcp_transport: 'tcp',
      control_plane_base_url: 'http://localhost',
      control_plane_transport: 'unix',
      control_plane_unix_socket: expect.stringMatching(/tunnel-client-[^/]+\/control\.sock$/),
      health_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/readyz$/),
      backend: 'node-in-memory',
    })
    expect(await callAt(info.mcp_url)).toContain('PROXIED')
    expect(await (await fetch(info.health_url)).text()).toBe('ready')
    process.kill('SIGTERM')
    expect((await process.exited).status).toBe(0)
    expect(existsSync(info.control_plane_unix_socket)).toBe(false)
    expect(readdirSync(folder)).toEqual(['deep'])
  })

  test('a stdio server behind a unix socket; plain output names the socket and the path', async () => {
    const socketPath = join(folder, 'in.sock')
    const process = proxy([
      '--listen-unix-socket',
      socketPath,
      '--tunnel-id',
      TUNNEL,
      '--mcp-command',
      `'${globalThis.process.execPath}' '${RUN_JS}' dev mcp-stub --stdio`,
    ])
    await process.output(/MCP URL path: .*\n/)
    expect(process.stdout()).toBe(`MCP Unix socket: ${socketPath}\nMCP URL path: /v1/mcp/${TUNNEL}\n`)
    const text = await new Promise<string>((resolve, reject) => {
      const call = request({socketPath, path: `/v1/mcp/${TUNNEL}`, method: 'POST', headers}, (response) => {
        let all = ''
        response.on('data', (chunk: Buffer) => {
          all += chunk.toString()
        })
        response.on('end', () => resolve(all))
      })
      call.on('error', reject)
      call.end(body('uppercase', {input: 'through a socket'}))
    })
    expect(text).toContain('THROUGH A SOCKET')
    process.kill('SIGINT')
    expect((await process.exited).status).toBe(0)
    expect(existsSync(socketPath)).toBe(false)
  })

  test('an MCP server that is down is no reason not to start: the probe has settled', async () => {
    const process = proxy(['--mcp-server-url', 'http://127.0.0.1:9/mcp'])
    await process.output(/^MCP URL: http/m)
  })

  test('a profile configures the daemon; the way to the local service is forced', async () => {
    const profile = join(folder, 'work.yaml')
    const yaml = `control_plane:\n  base_url: http://127.0.0.1:9\n  tunnel_id: tunnel_${'a'.repeat(32)}\nmcp:\n  server_urls:\n    - url: ${stub.mcpUrl}\n`
    writeFileSync(profile, yaml)
    const process = proxy(['--profile-file', profile])
    const [, url = ''] = await process.output(/^MCP URL: (http\S+)$/m)
    expect(url).toMatch(/\/tunnel_[0-9a-f]{32}$/)
    expect(await callAt(url)).toContain('PROXIED')
  })

  test('--duration ends it with 0', async () => {
    const process = proxy(['--mcp-server-url', stub.mcpUrl, '--duration', '100ms'])
    expect((await process.exited).status).toBe(0)
    expect(process.stdout()).toMatch(/^MCP URL: /)
    expect(readdirSync(folder)).toEqual([])
  })

  test("configuration of the user's own tunnel does not leak in, the key is new for every run", async () => {
    const key = 'users-own-key-00000'
    const process = proxy(['--mcp-server-url', stub.mcpUrl], {
      CONTROL_PLANE_API_KEY: key,
      CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9',
      CONTROL_PLANE_TUNNEL_ID: 'tunnel_ffffffffffffffffffffffffffffffff',
    })
    await process.output(/^MCP URL: /m)
    await eventually('no secret', () => !(process.stdout() + process.stderr()).includes(key))
    expect(process.stdout()).toMatch(/\/tunnel_[0-9a-f]{32}\n/)
    expect(process.stdout()).not.toContain('tunnel_ffff')
  })

  test('a signal in the middle of the start: exit 0, nothing left', async () => {
    const process = proxy(['--mcp-server-url', stub.mcpUrl])
    await eventually('the folder of the control socket', () => readdirSync(folder).length > 0)
    process.kill('SIGTERM')
    expect((await process.exited).status).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('dev proxy refuses, and leaves nothing', () => {
  test.each([
    [[], 'set --mcp-server-url, --mcp-command, --profile, or --profile-file'],
    [['--mcp-command', 'x', '--tunnel-id', 'tunnel_x'], 'tunnel_x'],
    [['--mcp-command', 'x', '--listen', '0.0.0.0:0'], '0.0.0.0'],
    [['--mcp-command', 'no-such-program'], 'no-such-program'],
    [['--mcp-command', 'x', 'surplus'], 'unexpected arguments: surplus'],
  ])('%j', async (args, text) => {
    const {status, stderr, stdout} = await runCli(['dev', 'proxy', ...args], {env: {TMPDIR: folder}})
    expect(stderr).toContain(text)
    expect([status, stdout]).toEqual([1, ''])
    expect(readdirSync(folder)).toEqual([])
  })
})
