// From an empty home to a Codex that uses the tunnel, in the commands that a person would type. Everything is real: our
// service and daemons as processes, the official MCP client, Codex itself.

import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {type AppServer, startAppServer} from '../../src/toolkit/codex/bridge/app-server.ts'
import {cleanEnv, runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'
import {needs, pathOf} from '../support/parts.ts'
import {CODEX, Scratch} from '../toolkit/codex/real-codex.ts'
import {type ServiceProcess, sdkServerStdio, Tunnel} from './tunnel.ts'

let tunnel: Tunnel
let scratch: Scratch
let env: Record<string, string>
const aliases = new Set<string>()

beforeEach(needs(CODEX))
beforeEach(() => {
  tunnel = new Tunnel()
  scratch = new Scratch()
})
afterEach(async () => {
  for (const alias of aliases) await runCli(['runtimes', 'stop', alias, '--timeout', '2s'], {env, cwd: scratch.folder})
  aliases.clear()
  await tunnel?.stop()
  scratch?.remove()
})

/** Runs a command of ours and gives its JSON document. */
async function ours<T = unknown>(args: readonly string[], status = 0): Promise<T> {
  const result = await runCli([...args, '--json'], {env, cwd: scratch.folder})
  expect(result, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toMatchObject({status})
  return JSON.parse(result.stdout)
}

const sdkCommand = (sdkServerStdio as {stdio: readonly string[]}).stdio.join(' ')

/** Calls a tool through the tunnel, as an AI product would. */
async function callThroughTunnel(service: ServiceProcess, tunnelId: string): Promise<string> {
  const client = new Client({name: 'journey', version: '1'})
  await client.connect(new StreamableHTTPClientTransport(new URL(service.mcpUrl.replace(service.tunnelId, tunnelId))))
  try {
    const answer = await client.callTool({name: 'wait', arguments: {ms: 1, tag: 7}})
    return JSON.stringify(answer.content)
  } finally {
    await client.close()
  }
}

/** A thread of Codex that may read only, and calls tools of the plugin in it. */
async function codexThread(): Promise<{server: AppServer; call<T = unknown>(tool: string, args: object): Promise<T>}> {
  const codex = pathOf('codex') ?? join(env.PATH!.split(':')[0]!, 'codex')
  const server = await startAppServer({argv: [codex, 'app-server'], cwd: scratch.folder}, cleanEnv(env))
  await server.request('initialize', {clientInfo: {name: 'journey', title: 'journey', version: '1'}}, 60_000)
  server.notify('initialized', {})
  const started = await server.request(
    'thread/start',
    {cwd: scratch.folder, ephemeral: true, sandbox: 'read-only'},
    60_000,
  )
  const threadId = (started.thread as {id: string}).id
  return {
    server,
    call: async <T>(tool: string, args: object) => {
      const params = {threadId, server: 'tunnelMcp', tool, arguments: args}
      const answer = await server.request('mcpServer/tool/call', params, 120_000)
      expect(answer.isError, JSON.stringify(answer)).not.toBe(true)
      return answer.structuredContent as T
    },
  }
}

test('from an empty home to a Codex that uses the tunnel', async () => {
  const service = await tunnel.service()
  env = {
    ...scratch.env('real'),
    CONTROL_PLANE_BASE_URL: service.baseUrl,
    CONTROL_PLANE_API_KEY: service.runtimeKey,
    OPENAI_ADMIN_KEY: service.adminKey,
  }
  const original = '# mine\r\nmodel = "gpt-5"\r\n'
  mkdirSync(scratch.codexHome)
  writeFileSync(scratch.config, original, {mode: 0o640})

  const scope = ['--organization-id', 'org_journey', '--description', 'a journey']
  const docs = await ours<{id: string}>(['admin', 'tunnels', 'create', '--name', 'docs', ...scope])
  const notes = await ours<{id: string}>(['admin', 'tunnels', 'create', '--name', 'notes', ...scope])
  expect([docs.id, notes.id]).toEqual([expect.stringMatching(/^tunnel_/), expect.stringMatching(/^tunnel_/)])

  await ours([
    ...['init', '--profile', 'docs-foreground', '--tunnel-id', docs.id, '--control-plane-base-url', service.baseUrl],
    ...['--mcp-command', sdkCommand, '--health-listen-addr', '127.0.0.1:0'],
  ])
  expect(await ours(['doctor', '--profile', 'docs-foreground', '--timeout', '60s'])).toMatchObject({result: 'ok'})

  aliases.add('docs')
  const connected = await ours([
    ...['runtimes', 'connect', '--alias', 'docs', '--tunnel-id', docs.id, '--mcp-command', sdkCommand, '--wait'],
  ])
  expect(connected).toMatchObject({alias: 'docs', ready: true, runtime_state: 'ready'})
  expect(await callThroughTunnel(service, docs.id)).toContain('waited 7')

  await ours(['codex', 'plugin', 'install'])
  const listed = await scratch.codex(['plugin', 'list'])
  expect(listed.stdout).toMatch(/tunnel-mcp@debug\s+installed, enabled/)
  expect((await scratch.codex(['mcp', 'list'])).stdout).toMatch(/^tunnelMcp\s/m)

  const {server, call} = await codexThread()
  try {
    const seen = await call('list_runtime_aliases', {})
    expect(seen).toMatchObject({ok: true, native: {aliases: [{alias: 'docs', tunnel_id: docs.id}]}})
    aliases.add('notes')
    const second = await call('connect_stdio_mcp', {alias: 'notes', tunnel_id: notes.id, mcp_command: sdkCommand})
    expect(second).toMatchObject({ok: true, alias: 'notes', tunnel_id: notes.id})
    await eventually('the second runtime ready', async () => {
      const {native} = await call<{native: {ready: boolean}}>('runtime_status', {alias: 'notes'})
      return native.ready
    })
  } finally {
    await server.stop()
  }
  expect(await callThroughTunnel(service, notes.id)).toContain('waited 7')

  expect(await ours(['codex', 'status'])).toMatchObject({
    state: 'logged_out',
    bridge_ready: true,
    plugin_installed: true,
    plugin_key: 'tunnel-mcp@debug',
    plugin_matches_current_binary: true,
  })
  expect(await ours(['codex', 'plugin', 'status'])).toMatchObject({state: 'installed', problems: []})
  expect(await ours(['runtimes', 'list'])).toMatchObject({
    aliases: [
      {alias: 'docs', tunnel_id: docs.id},
      {alias: 'notes', tunnel_id: notes.id},
    ],
  })
  expect(await ours(['codex', 'diagnose', 'docs'])).toMatchObject({runtime_status: {runtime_state: 'ready'}})

  for (const alias of ['docs', 'notes']) {
    expect(await ours(['runtimes', 'stop', alias])).toMatchObject({stopped: true, runtime_state: 'stopped'})
  }
  await ours(['codex', 'plugin', 'uninstall'])
  expect(readFileSync(scratch.config, 'utf8')).toBe(original)
  expect(statSync(scratch.config).mode & 0o777).toBe(0o640)
  expect((await scratch.codex(['mcp', 'list'])).stdout).not.toContain('tunnelMcp')
  expect(existsSync(join(scratch.dataDir, 'codex-marketplace'))).toBe(false)
}, 400_000)
