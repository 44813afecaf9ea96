// `run` as a user meets it: a process of the built command line before our tunnel service.

import {existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {Secret} from '../../src/foundation/platform/index.ts'
import {createMcpStub, type McpStub} from '../../src/service/mcp-stub/index.ts'
import {createTunnelService, type TunnelService} from '../../src/service/tunnel-service/index.ts'
import {type Cli, cli, RUN_JS, runCli} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'

const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
const CANARY = 'canary-0123456789-secret'

let folder = ''
let service: TunnelService
let stub: McpStub
const started: Cli[] = []

beforeAll(async () => {
  stub = await createMcpStub()
  service = await createTunnelService({
    tunnelId: TUNNEL,
    keys: [
      {name: 'runtime', value: new Secret(CANARY), scopes: ['read', 'use']},
      {name: 'reader', value: new Secret('reader-key-0000'), scopes: ['read']},
      {name: 'admin', value: new Secret('admin-key-00000'), scopes: ['read', 'manage']},
    ],
  })
})
afterAll(async () => {
  await service.close()
  await stub.close()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-test-'))
})
afterEach(async () => {
  for (const process of started.splice(0)) await process.stop()
  rmSync(folder, {recursive: true})
})

const path = (name: string): string => join(folder, name)
const stdioStub = `'${process.execPath}' '${RUN_JS}' dev mcp-stub --stdio`

interface Daemon {
  readonly process: Cli
  /** Text of all output so far. */
  said(): string
  /** Lines that contain `part`. */
  lines(part: string): string[]
  get(route: string, headers?: Record<string, string>): Promise<{status: number; body: string}>
  /** Resolves when `/readyz` says exactly this. */
  says(status: number, body: string | RegExp): Promise<void>
}

interface Start {
  readonly key?: string
  readonly tunnelId?: string
  readonly baseUrl?: string
  readonly mcp?: readonly string[]
  readonly env?: Record<string, string>
}

/** Starts `run` and waits for its URL file. */
async function run(args: readonly string[] = [], start: Start = {}): Promise<Daemon> {
  const urlFile = path('health.url')
  const process = cli(
    [
      'run',
      ...['--control-plane.base-url', start.baseUrl ?? service.controlPlaneBaseUrl],
      ...['--control-plane.tunnel-id', start.tunnelId ?? TUNNEL],
      ...['--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile],
      ...(start.mcp ?? ['--mcp.server-url', stub.mcpUrl]),
      ...args,
    ],
    {env: {CONTROL_PLANE_API_KEY: start.key ?? CANARY, ...start.env}},
  )
  started.push(process)
  await process.output(/health server listening/)
  const url = readFileSync(urlFile, 'utf8')
  const said = (): string => process.stdout() + process.stderr()
  const get = async (route: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(url + route, {headers})
    return {status: reply.status, body: await reply.text()}
  }
  return {
    process,
    said,
    lines: (part) =>
      said()
        .split('\n')
        .filter((line) => line.includes(part)),
    get,
    says: async (status, body) => {
      await eventually(`/readyz ${status} ${body}`, async () => {
        const seen = await get('/readyz')
        if (seen.status === status && (typeof body === 'string' ? seen.body === body : body.test(seen.body)))
          return true
        throw new Error(`${seen.status} ${seen.body}`)
      })
    },
  }
}

/** Calls a tool through the tunnel. */
async function call(name: string, args: object): Promise<string> {
  const body = JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/call', params: {name, arguments: args}})
  const headers = {'content-type': 'application/json', accept: 'application/json, text/event-stream'}
  return await (await fetch(service.mcpUrl, {method: 'POST', headers, body})).text()
}

describe('life of a run', () => {
  test('the files are there while it runs, right from their first moment, and gone afterwards', async () => {
    const pidFile = path('daemon.pid')
    const daemon = await run(['--pid.file', pidFile])
    await daemon.process.output(/pid file written/)
    expect(readFileSync(pidFile, 'utf8')).toBe(`${daemon.process.pid}\n`)
    expect(statSync(path('health.url')).mode & 0o777).toBe(0o600)
    const token = readFileSync(path('health.url.token'), 'utf8')
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(path('health.url.token')).mode & 0o777).toBe(0o600)
    await daemon.says(200, 'ready')
    expect(await call('echo', {input: 'hi'})).toContain('hi')
    daemon.process.kill('SIGTERM')
    expect(await daemon.process.exited).toEqual({status: 0, signal: null})
    for (const name of ['health.url', 'health.url.token', 'daemon.pid'])
      expect(existsSync(path(name)), name).toBe(false)
    expect(daemon.said()).not.toContain(token)
  })

  test('SIGINT before a stdio server: child gone, files gone, exit 0', async () => {
    const daemon = await run([], {mcp: ['--mcp.command', stdioStub]})
    await daemon.says(200, 'ready')
    const {channels} = JSON.parse((await daemon.get('/api/status')).body)
    const child = Number(channels[0].details.find((detail: {key: string}) => detail.key === 'pid').value)
    process.kill(child, 0)
    daemon.process.kill('SIGINT')
    expect((await daemon.process.exited).status).toBe(0)
    expect(() => process.kill(child, 0)).toThrow(/ESRCH/)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('a signal during the start ends it cleanly', async () => {
    const daemon = await run(['--mcp.startup-wait-timeout', '30s'], {
      mcp: ['--mcp.server-url', 'http://127.0.0.1:9/mcp'],
    })
    daemon.process.kill('SIGTERM')
    expect((await daemon.process.exited).status).toBe(0)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('a second signal ends it at once, with 1, and still without leaving files', async () => {
    const daemon = await run([], {mcp: ['--mcp.command', slowServer()]})
    await daemon.says(200, 'ready')
    void call('slow', {}).catch(() => {})
    await eventually('the call runs', async () => (await daemon.get('/metrics')).body.includes('occupancy 1\n'))
    daemon.process.kill('SIGTERM')
    await daemon.process.output(/draining/)
    await daemon.says(503, 'draining')
    daemon.process.kill('SIGTERM')
    expect((await daemon.process.exited).status).toBe(1)
    expect(existsSync(path('health.url'))).toBe(false)
  })

  test('what could not finish in time gets a typed answer', async () => {
    const daemon = await run(['--drain-timeout', '300ms'], {mcp: ['--mcp.command', slowServer()]})
    await daemon.says(200, 'ready')
    const answer = call('slow', {})
    await eventually('the call runs', async () => (await daemon.get('/metrics')).body.includes('occupancy 1\n'))
    daemon.process.kill('SIGTERM')
    expect(JSON.parse(await answer)).toMatchObject({id: 1, error: {data: {tunnel_failure: expect.anything()}}})
    expect((await daemon.process.exited).status).toBe(0)
  })
})

/** A stdio server whose only tool never answers. */
function slowServer(): string {
  const file = path('slow.mjs')
  writeFileSync(
    file,
    `import {createInterface} from 'node:readline'
for await (const line of createInterface({input: process.stdin})) {
  const {id, method} = JSON.parse(line)
  if (id !== undefined && method !== 'tools/call') console.log(JSON.stringify({jsonrpc: '2.0', id, result: {}}))
}
`,
  )
  return `'${process.execPath}' '${file}'`
}

describe('exits 1 with one line that names value, origin and next step', () => {
  const given = ['--control-plane.tunnel-id', TUNNEL, '--health.listen-addr', '127.0.0.1:0']
  const key = {CONTROL_PLANE_API_KEY: CANARY}

  test.each<[string, () => {args: string[]; env?: Record<string, string>; says: RegExp[]}]>([
    [
      'malformed YAML',
      () => {
        writeFileSync(path('t.yaml'), 'mcp:\n  commands: [\n')
        return {
          args: ['--config', path('t.yaml')],
          says: [/^configure tunnel-client: parse config file .*t\.yaml/, /line|:\d/],
        }
      },
    ],
    [
      'an unknown key',
      () => {
        writeFileSync(path('t.yaml'), 'control_plane:\n  tunel_id: x\n')
        return {args: ['--config', path('t.yaml')], says: [/tunel_id/, /t\.yaml:?.*2/, /tunnel_id/]}
      },
    ],
    [
      'a bad tunnel id',
      () => ({
        args: ['--mcp.server-url', 'http://127.0.0.1:1/mcp'],
        env: {CONTROL_PLANE_TUNNEL_ID: 'tunnel_short'},
        says: [/"tunnel_short"/, /CONTROL_PLANE_TUNNEL_ID/],
      }),
    ],
    [
      'an unreadable secret',
      () => ({
        args: [
          ...given,
          '--mcp.server-url',
          'http://127.0.0.1:1/mcp',
          '--control-plane.api-key',
          `file:${path('none')}`,
        ],
        says: [/none/, /--control-plane\.api-key/, /no such file/],
      }),
    ],
    [
      'a missing program',
      () => ({
        args: [...given, '--mcp.command', 'no-such-program-here --flag'],
        says: [/^start tunnel-client: .*"no-such-program-here"/, /flag --mcp\.command/],
      }),
    ],
    [
      'a PID file that cannot be written',
      () => ({
        args: [
          ...given,
          '--mcp.server-url',
          stub.mcpUrl,
          '--pid.file',
          path('no/such/pid'),
          '--health.url-file',
          path('u'),
        ],
        says: [/^start tunnel-client: write pid file .*no\/such\/pid/, /Next:/],
      }),
    ],
    [
      'a log file that cannot be opened',
      () => ({
        args: [...given, '--mcp.server-url', stub.mcpUrl, '--log.file', path('no/such/log')],
        says: [/^configure tunnel-client: open log file: .*no\/such\/log/, /--log\.file/],
      }),
    ],
  ])('%s', async (_, build) => {
    const {args, env, says} = build()
    const result = await runCli(['run', ...args], {env: {...key, ...env}})
    const line = result.stderr.split('\n').find((text) => says.every((pattern) => pattern.test(text)))
    expect(line, result.stderr).toBeDefined()
    expect(line).toMatch(/Next: .+\(TC-[A-Z-]+\)$/)
    expect(result.status).toBe(1)
    expect(result.stdout + result.stderr).not.toContain(CANARY)
    // Rolled back: nothing of the failed start is left.
    expect(existsSync(path('u'))).toBe(false)
  })

  test('a busy port, with the one who holds it', async () => {
    const holder: Server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => holder.once('listening', resolve))
    const {port} = holder.address() as {port: number}
    const args = ['run', '--control-plane.tunnel-id', TUNNEL, '--mcp.server-url', stub.mcpUrl]
    const result = await runCli([...args, '--health.listen-addr', `127.0.0.1:${port}`], {env: key})
    holder.close()
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(
      new RegExp(`^start tunnel-client: listen tcp 127\\.0\\.0\\.1:${port}: bind: address already in use.*`, 'm'),
    )
    if (process.platform === 'linux') expect(result.stderr).toContain(`(pid ${process.pid})`)
  })

  test('--json: one envelope on stdout, nothing on stderr', async () => {
    const result = await runCli(['run', '--json', '--control-plane.tunnel-id', 'nope'], {env: key})
    expect(result.status).toBe(1)
    expect(result.stderr).toBe('')
    expect(JSON.parse(result.stdout)).toMatchObject({schema_version: 1, error: {code: expect.stringMatching(/^TC-/)}})
  })

  test('first-time users are told what to do', async () => {
    const {stderr} = await runCli(['run'])
    expect(stderr).toMatch(/^configure tunnel-client: tunnel ID is required; .*quickstart/m)
    expect(stderr).toMatch(/^configure tunnel-client: main channel is required; .*--embedded-mcp-stub/m)
    expect(stderr).toMatch(/^configure tunnel-client: control plane API key is required; .*quickstart/m)
  })
})

describe('stays, says why once, and recovers', () => {
  /** Well beyond the first retries. */
  const awhile = (): Promise<void> => sleep(1500)

  test.each([
    [
      'a wrong key',
      {key: 'wrong-key-00000'} as Start,
      'control plane poll failing: key_invalid',
      /setting=control_plane\.api_key origin="env CONTROL_PLANE_API_KEY" next=".+"/,
    ],
    [
      'a key without Use',
      {key: 'reader-key-0000'},
      'control plane poll failing: use_forbidden',
      /setting=control_plane\.api_key origin="env CONTROL_PLANE_API_KEY" next=".+"/,
    ],
    [
      'an unknown tunnel',
      {tunnelId: 'tunnel_ffffffffffffffffffffffffffffffff'},
      'control plane poll failing: tunnel_unknown',
      /setting=control_plane\.tunnel_id value=tunnel_f{32} origin="flag --control-plane\.tunnel-id" next=".+"/,
    ],
  ])('%s', async (_, start, body, advice) => {
    const daemon = await run([], start)
    await daemon.says(503, body)
    await awhile()
    expect(daemon.lines('poll failed; backing off')).toEqual([expect.stringMatching(advice)])
    expect((await daemon.get('/healthz')).body).toBe('live')
    expect(daemon.said()).not.toContain(start.key ?? CANARY)
    const reasons = JSON.parse((await daemon.get('/readyz?format=json')).body).reasons
    expect(reasons).toContainEqual(expect.objectContaining({subject: 'control_plane', ok: false}))
  })

  test('the MCP server is down: 503 until it comes up', async () => {
    const port = await freePort()
    const daemon = await run([], {mcp: ['--mcp.server-url', `http://127.0.0.1:${port}/mcp`]})
    await daemon.says(503, /^mcp probe failed: /)
    const late = await createMcpStub({listenAddr: `127.0.0.1:${port}`})
    try {
      await daemon.says(200, 'ready')
      expect(daemon.lines('failed to connect to mcp')).toEqual([
        expect.stringMatching(
          `setting=mcp.server_urls value=http://127.0.0.1:${port}/mcp origin="flag --mcp.server-url" next=".+"`,
        ),
      ])
      expect(daemon.lines('MCP server answers again')).toHaveLength(1)
    } finally {
      await late.close()
    }
  })

  test('the service is down at the start and comes up later: ready within two seconds', async () => {
    const port = await freePort()
    const daemon = await run([], {baseUrl: `http://127.0.0.1:${port}`})
    await daemon.says(503, 'control plane poll failing: refused')
    await awhile()
    expect(daemon.lines('poll failed; backing off')).toEqual([
      expect.stringMatching(
        `setting=control_plane.base_url value=http://127.0.0.1:${port} origin="flag --control-plane.base-url" next=".+"`,
      ),
    ])
    const late = await createTunnelService({
      tunnelId: TUNNEL,
      control: {host: '127.0.0.1', port},
      keys: [{name: 'all', value: new Secret(CANARY), scopes: ['read', 'use', 'manage']}],
    })
    try {
      const since = performance.now()
      await daemon.says(200, 'ready')
      expect(performance.now() - since).toBeLessThan(2000)
      expect(daemon.lines('poller recovered; polling operational')).toHaveLength(1)
    } finally {
      await daemon.process.stop()
      await late.close()
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const {port} = server.address() as {port: number}
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('what watchers rely on', () => {
  test("the reference's quick start", async () => {
    const urlFile = path('quick.url')
    const daemon = cli(
      ['run', '--embedded-mcp-stub', '--control-plane.tunnel-id', TUNNEL].concat([
        '--health.listen-addr',
        '127.0.0.1:0',
        '--health.url-file',
        urlFile,
      ]),
      {env: {CONTROL_PLANE_BASE_URL: service.controlPlaneBaseUrl, CONTROL_PLANE_API_KEY: CANARY}},
    )
    started.push(daemon)
    await eventually('ready', async () => (await fetch(`${readFileSync(urlFile, 'utf8')}/readyz`)).status === 200)
    expect(daemon.stdout()).toMatch(/^Embedded MCP stub enabled\.\n {2}MCP URL: http:\/\/127\.0\.0\.1:\d+\/mcp\n/)
    expect(await call('uppercase', {input: 'quick'})).toContain('QUICK')
  })

  test('the stub replaces no target that was given', async () => {
    for (const flag of ['--mcp.command', '--mcp-server-url']) {
      const {status, stderr} = await runCli(['run', '--embedded-mcp-stub', flag, 'http://127.0.0.1:1/mcp'])
      expect(status).toBe(1)
      expect(stderr).toContain(
        `--embedded-mcp-stub cannot be combined with ${flag.replace('mcp-', 'mcp.')}; use one main MCP target path`,
      )
    }
  })

  test('HTTP: `mcp session initialized` comes when /readyz answers 200', async () => {
    const daemon = await run()
    await daemon.process.output(/mcp session initialized/)
    expect(await daemon.get('/readyz')).toEqual({status: 200, body: 'ready'})
  })

  test('stdio: so does the debug line about OAuth', async () => {
    const daemon = await run(['--log.format', 'struct-text', '--log.level', 'debug'], {
      mcp: ['--mcp.command', stdioStub],
    })
    await daemon.process.output(/oauth discovery server URL is not configured/)
    expect(await daemon.get('/readyz')).toEqual({status: 200, body: 'ready'})
  })

  test('the started line has the name of the tunnel; without a service it does not hold the start', async () => {
    const named = await run()
    await named.process.output(/🟢 tunnel-client started .*name="local tunnel"/)
    await named.process.stop()
    const unnamed = await run([], {baseUrl: 'http://127.0.0.1:9'})
    await unnamed.process.output(/🟢 tunnel-client started .*name="tunnel meta hasn't fetched"/)
  })

  test('the status page: who this is, for this host only', async () => {
    const daemon = await run()
    await daemon.says(200, 'ready')
    const status = JSON.parse((await daemon.get('/api/status')).body)
    expect(status).toMatchObject({
      control_plane_tunnel_id: TUNNEL,
      client_instance_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      pid: daemon.process.pid,
      supervisor_pid: process.pid,
      user: expect.any(String),
      host: expect.any(String),
      last_poll_at: expect.stringMatching(/^20\d\d-/),
      control_plane_poll_timeout: '30s',
      tunnel_metadata: {ID: TUNNEL, Name: 'local tunnel'},
      channels: [{name: 'main', transport_kind: 'http-streamable', probe_status: 'ok'}],
    })
    expect(JSON.stringify(status)).not.toContain(CANARY)
  })
})

describe('logs', () => {
  const defaultLine =
    /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (DEBUG|INFO|WARN|ERROR) \S.* client_instance_id=[0-9a-f]{32} tunnel_id=tunnel_/
  const textLine =
    /^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d) level=(DEBUG|INFO|WARN|ERROR) msg=\S.* client_instance_id=[0-9a-f]{32} tunnel_id=tunnel_/
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

  test('default: every line on stderr', async () => {
    const daemon = await run()
    await daemon.says(200, 'ready')
    await daemon.process.stop()
    expect(daemon.process.stdout()).toBe('')
    for (const line of lines(daemon.process.stderr())) expect(line).toMatch(defaultLine)
  })

  test('struct-text: every line on stdout', async () => {
    const daemon = await run(['--log.format', 'struct-text'])
    await daemon.says(200, 'ready')
    await daemon.process.stop()
    expect(daemon.process.stderr()).toBe('')
    for (const line of lines(daemon.process.stdout())) expect(line).toMatch(textLine)
  })

  test('json at debug, to a file: every line an object, and no secret anywhere', async () => {
    const args = ['--log.format', 'json', '--log.level', 'debug', '--log.file', path('log')]
    const process = cli(
      [
        'run',
        ...args,
        '--control-plane.base-url',
        service.controlPlaneBaseUrl,
        '--control-plane.tunnel-id',
        TUNNEL,
      ].concat(
        ['--health.listen-addr', '127.0.0.1:0', '--health.url-file', path('health.url')],
        ['--mcp.server-url', stub.mcpUrl, '--mcp.extra-headers', 'X-Team-Token: second-canary-1234'],
      ),
      {env: {CONTROL_PLANE_API_KEY: CANARY}},
    )
    started.push(process)
    await eventually('ready', async () => (await fetch(`${readFileSync(path('health.url'), 'utf8')}/readyz`)).ok)
    await call('echo', {input: 'hi'})
    const url = readFileSync(path('health.url'), 'utf8')
    const pages = await Promise.all(
      ['/readyz?format=json', '/metrics', '/api/status'].map(async (route) => (await fetch(url + route)).text()),
    )
    await process.stop()
    expect(statSync(path('log')).mode & 0o777).toBe(0o600)
    const log = readFileSync(path('log'), 'utf8')
    for (const line of lines(log)) {
      expect(JSON.parse(line)).toMatchObject({
        time: expect.any(String),
        level: expect.any(String),
        msg: expect.any(String),
        tunnel_id: TUNNEL,
      })
    }
    const everything = [log, ...pages, process.stdout(), process.stderr()].join('\n')
    expect(everything).not.toContain(CANARY)
    expect(everything).not.toContain('second-canary-1234')
  })

  test('readers that went away do not end the daemon', async () => {
    const daemon = await run(['--log.format', 'struct-text', '--log.level', 'debug'])
    await daemon.says(200, 'ready')
    daemon.process.child.stdout?.destroy()
    daemon.process.child.stderr?.destroy()
    for (let n = 0; n < 20; n++) expect(await call('echo', {input: 'still here'})).toContain('still here')
    await daemon.says(200, 'ready')
    daemon.process.kill('SIGTERM')
    expect((await daemon.process.exited).status).toBe(0)
  })
})
