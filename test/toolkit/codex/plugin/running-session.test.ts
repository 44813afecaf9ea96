// A Codex session outlives installs: the real app-server keeps the plugin's server running while its files are replaced.

import {existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {type AppServer, startAppServer} from '../../../../src/toolkit/codex/bridge/app-server.ts'
import {RUN_JS, runCli} from '../../../support/cli.ts'
import {needs} from '../../../support/parts.ts'
import {CODEX, Scratch} from '../real-codex.ts'
import {PROGRAM, pluginOf} from './rig.ts'

const PATIENCE_MS = 60_000
const TUNNEL_ID = `tunnel_${'0'.repeat(32)}`
const VERSION: string = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')).version

let scratch: Scratch
let plugin: ReturnType<typeof pluginOf>
let codex: AppServer | undefined
let env: Record<string, string>
beforeEach(needs(CODEX))
beforeEach(() => {
  scratch = new Scratch()
  env = {...scratch.env('real'), CONTROL_PLANE_API_KEY: 'key', CONTROL_PLANE_BASE_URL: 'http://127.0.0.1:9'}
  plugin = pluginOf(scratch, env)
})
afterEach(async () => {
  await codex?.stop()
  codex = undefined
  scratch?.remove()
})

/** A session with the real Codex; its way to call a tool of the plugin. */
async function session() {
  const argv = [join(env.PATH!.split(':')[0]!, 'codex'), 'app-server'] as const
  codex = await startAppServer({argv, cwd: scratch.folder}, env)
  await codex.request('initialize', {clientInfo: {name: 'test', title: 'test', version: '1'}}, PATIENCE_MS)
  codex.notify('initialized', {})
  const started = await codex.request('thread/start', {cwd: scratch.folder, ephemeral: true}, PATIENCE_MS)
  const threadId = (started.thread as {id: string}).id
  return async (tool: string, args: object = {}) => {
    const params = {threadId, server: 'tunnelMcp', tool, arguments: args}
    const answer = await codex!.request('mcpServer/tool/call', params, PATIENCE_MS)
    return answer as {isError?: boolean; structuredContent: Record<string, unknown>}
  }
}

it.each([
  ['upgraded', () => plugin.install({program: {...PROGRAM, version: '1.2.4'}})],
  ['removed and installed again', () => plugin.uninstall().then(() => plugin.install())],
])('tools go on working when the plugin is %s under a running session', async (how, change) => {
  const {plugin_dir: before} = await plugin.install()
  const call = await session()
  expect(await call('list_runtime_aliases')).toMatchObject({structuredContent: {ok: true}})
  await change()
  if (how === 'upgraded') expect(existsSync(before)).toBe(false)
  expect(await call('list_runtime_aliases')).toMatchObject({structuredContent: {ok: true, exit_code: 0}})
})

it('a runtime that a tool starts runs in the home, in an old copy of the plugin, too', async () => {
  const {plugin_dir: folder} = await plugin.install()
  // As installs before this version wrote it.
  const file = join(folder, '.mcp.json')
  const document = JSON.parse(readFileSync(file, 'utf8'))
  Object.assign(document.mcpServers.tunnelMcp, {
    command: process.execPath,
    args: [RUN_JS, 'codex', 'mcp-server'],
    cwd: '.',
  })
  writeFileSync(file, JSON.stringify(document))
  const call = await session()
  const alias = 'docs'
  try {
    const {structuredContent} = await call('connect_stdio_mcp', {alias, mcp_command: 'cat', tunnel_id: TUNNEL_ID})
    expect(structuredContent).toMatchObject({ok: true, alias})
    const {process: record} = structuredContent.native as {process: {pid: number}}
    expect(readlinkSync(`/proc/${record.pid}/cwd`)).toBe(scratch.home)
  } finally {
    await runCli(['runtimes', 'stop', alias], {
      env: {...env, TUNNEL_CLIENT_STATE_DIR: scratch.path('state')},
      cwd: scratch.folder,
    })
  }
})

it.each([
  ['Node', 'node'],
  ['program', 'run.js'],
])('the server starts after its %s was removed, from PATH, and every status says so', async (_what, name) => {
  const old = scratch.path('old')
  mkdirSync(old)
  symlinkSync(process.execPath, join(old, 'node'))
  writeFileSync(join(old, 'run.js'), `import(${JSON.stringify(RUN_JS)})`)
  const program = {node: join(old, 'node'), runJs: name === 'node' ? RUN_JS : join(old, 'run.js'), version: VERSION}
  await plugin.install({program})
  mkdirSync(scratch.path('bin'))
  symlinkSync(RUN_JS, scratch.path('bin', 'tunnel-client'))
  rmSync(join(old, name))
  env.PATH = `${env.PATH}:${scratch.path('bin')}`
  const call = await session()
  expect(await call('list_runtime_aliases')).toMatchObject({structuredContent: {ok: true, exit_code: 0}})
  const gone = expect.stringMatching(new RegExp(`gone: ${join(old, name)}.* from PATH stands in`))
  const run = (...words: string[]) => runCli([...words, '--json'], {env, cwd: scratch.folder})
  const status = await run('codex', 'plugin', 'status')
  expect({exit: status.status, ...JSON.parse(status.stdout)}).toMatchObject({
    exit: 2,
    state: 'stale',
    problems: [gone],
    plugin_binary_hint_path: expect.stringMatching(/\/\.tunnel-client-bin$/),
  })
  expect(JSON.parse((await run('codex', 'status')).stdout)).toMatchObject({
    plugin_state: 'stale',
    plugin_problems: [gone],
  })
  const {checks} = JSON.parse((await run('doctor', '--offline', '--only', 'codex_plugin')).stdout)
  expect(checks).toMatchObject([{id: 'codex_plugin', status: 'WARN', summary: gone}])
})
