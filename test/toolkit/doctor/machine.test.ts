// This machine: the health listener, and what a running daemon of the same tunnel proves.

import {existsSync} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, onTestFinished, test} from 'vitest'
import {installPlugin} from '../../../src/toolkit/codex/index.ts'
import {quietPort} from '../../support/servers/loopback.ts'
import {runningDaemon} from './running-daemon.ts'
import {mcpStub, scripted, tunnelService, visit} from './visit.ts'

const SERVER = fileURLToPath(new URL('../../support/servers/stdio-server.mjs', import.meta.url))
const TUNNEL = {'control-plane.tunnel-id': `tunnel_${'0'.repeat(32)}`}
const LOCAL = {offline: true, mcp: 'http://127.0.0.1:1/mcp', env: {CONTROL_PLANE_API_KEY: 'k'}}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'doctor-'))
  onTestFinished(() => rm(path, {recursive: true, force: true}))
  return path
}

async function listening(target: {port: number} | {path: string}): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen({host: '127.0.0.1', ...target}, resolve))
  onTestFinished(() => void server.close())
  return server
}

describe('the health listener', () => {
  test('a free port: an ephemeral one tells how to find it', async () => {
    const report = await visit({...LOCAL, flags: TUNNEL})
    expect(report.row('health_listener')).toMatchObject({
      status: 'PASS',
      summary: expect.stringMatching(/^ephemeral bind ok on http:\/\/127\.0\.0\.1:\d+$/),
      next: ['inspect startup summary or HEALTH_URL_FILE for the final URL'],
    })
    expect(report.row('ui')).toMatchObject({status: 'SKIP', summary: 'this version serves no page at /ui'})
  })

  test('a port of somebody else', async () => {
    const server = await listening({port: 0})
    const {port} = server.address() as {port: number}
    const report = await visit({...LOCAL, flags: {...TUNNEL, 'health.listen-addr': `127.0.0.1:${port}`}})
    expect(report.row('health_listener')).toMatchObject({
      status: 'FAIL',
      summary: `listen tcp 127.0.0.1:${port}: bind: address already in use`,
    })
    expect(report.row('ui')).toMatchObject({status: 'SKIP', summary: 'blocked by health listener check'})
    expect(report.verdict.line).toMatch(/^You: health_listener: /)
    expect(report.result).toBe('fail')
  })

  test('a named port that is free', async () => {
    const port = await quietPort()
    const report = await visit({...LOCAL, flags: {...TUNNEL, 'health.listen-addr': `127.0.0.1:${port}`}})
    expect(report.row('health_listener').summary).toBe(`will bind http://127.0.0.1:${port}`)
  })

  test('a unix socket is looked at and not made', async () => {
    const path = join(await folder(), 'new', 'health.sock')
    const report = await visit({...LOCAL, flags: {...TUNNEL, 'health.unix-socket': path}})
    expect(report.row('health_listener').summary).toBe(`will bind unix socket ${path}`)
    expect(existsSync(join(path, '..'))).toBe(false)
  })

  test('a stale socket, which run removes, is fine; one in use and a plain file are not', async () => {
    const base = await folder()
    const used = join(base, 'used.sock')
    await listening({path: used})
    const plain = join(base, 'plain')
    await writeFile(plain, '')
    const look = async (path: string) =>
      (await visit({...LOCAL, flags: {...TUNNEL, 'health.unix-socket': path}})).row('health_listener')
    expect(await look(used)).toMatchObject({status: 'FAIL', summary: expect.stringContaining('already accepting')})
    expect(await look(plain)).toMatchObject({status: 'FAIL', summary: expect.stringContaining('not a unix socket')})
    const stale = join(base, 'stale.sock')
    const {spawnSync} = await import('node:child_process')
    const script = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    expect(existsSync(stale)).toBe(true)
    expect(await look(stale)).toMatchObject({status: 'PASS', evidence: [expect.stringContaining('stale')]})
    expect(existsSync(stale)).toBe(true)
  })
})

describe('a running daemon of the same tunnel', () => {
  test('its port is no failure, its polls prove the control plane, its child is not doubled', async () => {
    const base = await folder()
    const count = join(base, 'starts')
    const urlFile = join(base, 'url')
    const command = `node ${SERVER} --count ${count}`
    const service = await tunnelService()
    const url = await runningDaemon({service, flags: {'mcp.command': [command], 'health.url-file': urlFile}})
    const report = await visit({
      service,
      command,
      flags: {'health.listen-addr': new URL(url).host, 'health.url-file': urlFile},
    })
    expect(report.row('health_listener')).toMatchObject({
      status: 'PASS',
      source: 'daemon',
      summary: expect.stringContaining(`bound by the running daemon of this tunnel, pid ${process.pid}`),
    })
    for (const id of ['connect', 'http', 'auth', 'scope']) {
      expect(report.row(`control_plane/${id}`)).toMatchObject({status: 'PASS', source: 'daemon'})
    }
    expect(report.row('mcp:main/protocol')).toMatchObject({status: 'PASS', source: 'daemon'})
    expect((await readFile(count, 'utf8')).trim().split('\n')).toHaveLength(1)
    expect(report.result).toBe('ok')
    expect(report.verdict.line).toContain('by the running daemon')
  })

  /** A daemon's surface that says what the test says. */
  const surface = async (service: {tunnelId: string; controlPlaneBaseUrl: string}, readyText: string) => {
    const {url} = await scripted(({url: path = ''}, reply) => {
      if (path === '/readyz') return reply.writeHead(readyText === 'ready' ? 200 : 503).end(readyText)
      reply.writeHead(200, {'Content-Type': 'application/json'}).end(
        JSON.stringify({
          control_plane_tunnel_id: service.tunnelId,
          control_plane_base_url: service.controlPlaneBaseUrl,
          last_poll_at: new Date().toISOString(),
          pid: 4711,
        }),
      )
    })
    const urlFile = join(await folder(), 'url')
    await writeFile(urlFile, url)
    return {url, urlFile}
  }

  test.each([
    ['control plane identity mismatch: the service answered for another tunnel', 'probe'],
    ['mcp probe failed: gone', 'daemon'],
  ])('that is not ready (%s) is not passed over', async (readyText, source) => {
    const service = await tunnelService()
    const {url, urlFile} = await surface(service, readyText)
    const report = await visit({service, mcp: (await mcpStub()).mcpUrl, flags: {'health.url-file': urlFile}})
    expect(report.row('control_plane/scope').source).toBe(source)
    expect(report.row('running_daemon')).toMatchObject({
      status: 'FAIL',
      summary: `the running daemon (pid 4711) is not ready: ${readyText}`,
      next: [expect.stringContaining(`trace --failed --url ${url}`)],
    })
    expect(report.result).toBe('fail')
  })

  test('that is ready is not to be started again', async () => {
    const service = await tunnelService()
    const {url, urlFile} = await surface(service, 'ready')
    const report = await visit({service, mcp: (await mcpStub()).mcpUrl, flags: {'health.url-file': urlFile}})
    expect(report).toMatchObject({result: 'ok', next: `tunnel-client trace --follow --url ${url}`})
    expect(report.checks.some(({id}) => id === 'running_daemon')).toBe(false)
  })

  test('that stands still is seen', async () => {
    const service = await tunnelService()
    const {url} = await scripted(() => {})
    const urlFile = join(await folder(), 'url')
    await writeFile(urlFile, url)
    const report = await visit({service, mcp: (await mcpStub()).mcpUrl, flags: {'health.url-file': urlFile}})
    expect(report.row('running_daemon')).toMatchObject({status: 'WARN', summary: expect.stringContaining(url)})
    expect(report.verdict.line).toContain('look at running_daemon')
  })

  test('a daemon with another command is a warning, and still no second child', async () => {
    const base = await folder()
    const urlFile = join(base, 'url')
    const service = await tunnelService()
    await runningDaemon({service, flags: {'mcp.command': [`node ${SERVER}`], 'health.url-file': urlFile}})
    const count = join(base, 'starts')
    const report = await visit({
      service,
      command: `node ${SERVER} --count ${count}`,
      flags: {'health.url-file': urlFile},
    })
    expect(report.row('mcp:main/protocol')).toMatchObject({status: 'WARN', source: 'daemon'})
    expect(existsSync(count)).toBe(false)
  })

  test('a daemon of another tunnel proves nothing, and its port is taken', async () => {
    const other = await tunnelService()
    const stub = await mcpStub()
    const url = await runningDaemon({service: other, flags: {'mcp.server-url': [stub.mcpUrl]}})
    const report = await visit({
      service: await tunnelService(),
      mcp: stub.mcpUrl,
      flags: {'health.listen-addr': new URL(url).host},
    })
    expect(report.row('health_listener').status).toBe('FAIL')
    expect(report.row('control_plane/auth').source).toBe('probe')
  })
})

describe('Codex', () => {
  const look = async (codexHome: string) =>
    (await visit({...LOCAL, flags: TUNNEL, env: {...LOCAL.env, CODEX_HOME: codexHome, PATH: ''}})).row('codex_plugin')

  test('absent, present, with the plugin, with one that Codex would not start', async () => {
    const home = await folder()
    expect(await look(join(home, 'none'))).toMatchObject({status: 'SKIP', summary: 'Codex not detected locally'})
    expect(await look(home)).toMatchObject({status: 'SKIP', next: ['tunnel-client codex plugin install']})
    const root = join(import.meta.dirname, '../../..')
    const runJs = join(home, 'run.js')
    await writeFile(runJs, '')
    const {plugin_dir} = await installPlugin({
      env: {...LOCAL.env, HOME: home, CODEX_HOME: home, PATH: ''},
      cwd: home,
      program: {node: process.execPath, runJs, version: '1.2.3'},
      templates: join(root, 'templates/codex-plugin'),
      stateRoot: join(home, 'state'),
      profileDir: join(home, 'profiles'),
      passEnv: [],
    })
    expect(await look(home)).toMatchObject({status: 'PASS', summary: plugin_dir})
    await rm(runJs)
    expect(await look(home)).toMatchObject({
      status: 'WARN',
      summary: expect.stringContaining(`the program that it starts is gone: ${runJs}`),
      next: ['tunnel-client codex plugin install'],
    })
  })
})
