// What every test of `runtimes` starts from: our tunnel service, a demo MCP server, an empty home, and the built command
// line. Whatever a test starts is ended by its recorded pid.

import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, vi} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import {createMcpStub, type McpStub} from '../../../src/service/mcp-stub/index.ts'
import {createTunnelService, type TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {type Cli, cli, runCli} from '../../support/cli.ts'
import {callTool} from '../../support/post-mcp.ts'

export const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
export const RUNTIME_KEY = 'canary-runtime-0123456789'
export const ADMIN_KEY = 'canary-admin-0123456789'

/** Whatever a document holds. */
export type Json = ReturnType<typeof JSON.parse>

/** What a command said. */
export interface Said {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The world of one test file. */
export interface RuntimesWorld {
  readonly service: TunnelService
  readonly stub: McpStub
  readonly home: string
  /** State root. */
  readonly root: string
  path(...names: string[]): string
  env(extra?: Record<string, string | undefined>): Record<string, string | undefined>
  /** `runtimes …` to its end. */
  runtimes(args: readonly string[], extra?: Record<string, string | undefined>): Promise<Said>
  /** The same with `--json`, parsed. */
  json(
    args: readonly string[],
    extra?: Record<string, string | undefined>,
  ): Promise<{status: number | null; document: Json}>
  /** The same without waiting. */
  start(args: readonly string[], extra?: Record<string, string | undefined>): Cli
  /** `connect --wait` of an alias with the demo server. */
  connect(alias: string, args?: readonly string[]): Promise<Json>
  records(file: 'aliases' | 'processes'): Record<string, Json>
  write(file: 'aliases' | 'processes', records: object): void
  /** Answer of the tunnel to a tool call. */
  call(name: string, args: object): Promise<string>
}

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : ''
  return !/^\) [ZX] /.test(stat.slice(stat.lastIndexOf(')')))
}

/** Registers the hooks of a test file. */
export function runtimesWorld(): RuntimesWorld {
  // Every step is a process of its own, and machines are busy.
  vi.setConfig({testTimeout: 240_000})
  let home = ''
  let service: TunnelService
  let stub: McpStub
  const pids = new Set<number>()
  const started: Cli[] = []
  beforeAll(async () => {
    stub = await createMcpStub()
    service = await createTunnelService({
      tunnelId: TUNNEL,
      keys: [
        {name: 'runtime', value: new Secret(RUNTIME_KEY), scopes: ['read', 'use']},
        {name: 'admin', value: new Secret(ADMIN_KEY), scopes: ['read', 'manage']},
      ],
    })
  })
  afterAll(async () => {
    await service.close()
    await stub.close()
  })
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'runtimes-test-'))
  })
  afterEach(async () => {
    for (const command of started.splice(0)) await command.stop()
    if (existsSync(join(world.root, 'processes.yaml'))) remember()
    for (const pid of pids) if (alive(pid)) process.kill(pid, 'SIGKILL')
    pids.clear()
    rmSync(home, {recursive: true, maxRetries: 5})
  })
  const remember = (): void => {
    const text = readFileSync(file('processes'), 'utf8')
    const records: Json[] = text.endsWith('}\n') ? Object.values(JSON.parse(text)) : []
    for (const {pid, mode, started_at} of records) {
      // Only what a command has started: tests write foreign pids with made-up times.
      if (typeof pid === 'number' && mode === 'process' && Math.abs(Date.parse(started_at) - Date.now()) < 120_000) {
        pids.add(pid)
      }
    }
  }
  const env = (extra: Record<string, string | undefined> = {}): Record<string, string | undefined> => ({
    HOME: home,
    XDG_STATE_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    CODEX_HOME: undefined,
    CONTROL_PLANE_BASE_URL: service.controlPlaneBaseUrl,
    CONTROL_PLANE_API_KEY: RUNTIME_KEY,
    OPENAI_ADMIN_KEY: ADMIN_KEY,
    ...extra,
  })
  const runtimes: RuntimesWorld['runtimes'] = async (args, extra) => {
    const said = await runCli(['runtimes', ...args], {env: env(extra), cwd: home})
    if (existsSync(join(world.root, 'processes.yaml'))) remember()
    return said
  }
  const json: RuntimesWorld['json'] = async (args, extra) => {
    const {status, stdout} = await runtimes([...args, '--json'], extra)
    return {status, document: JSON.parse(stdout)}
  }
  const file = (name: string): string => join(world.root, `${name}.yaml`)
  const world: RuntimesWorld = {
    get service() {
      return service
    },
    get stub() {
      return stub
    },
    get home() {
      return home
    },
    get root() {
      return join(home, '.local', 'state', 'tunnel-client')
    },
    path: (...names) => join(home, ...names),
    env,
    runtimes,
    json,
    start: (args, extra) => {
      const command = cli(['runtimes', ...args], {env: env(extra), cwd: home})
      started.push(command)
      return command
    },
    connect: async (alias, args = []) => {
      const target = args.some((arg) => arg.startsWith('--mcp-')) ? [] : ['--mcp-server-url', stub.mcpUrl]
      const order = ['connect', '--alias', alias, '--tunnel-id', TUNNEL, '--wait', ...target, ...args]
      const {status, document} = await json(order)
      if (status !== 0) throw new Error(`connect ended with ${status}: ${JSON.stringify(document, null, 2)}`)
      return document
    },
    records: (name) => JSON.parse(readFileSync(file(name), 'utf8')),
    write: (name, records) => {
      mkdirSync(dirname(file(name)), {recursive: true})
      writeFileSync(file(name), `${JSON.stringify(records, null, 2)}\n`)
    },
    call: (name, args) => callTool(service.mcpUrl, name, args),
  }
  return world
}
