// What every test of `run` starts from: our tunnel service, a demo MCP server, a private folder, and daemons as processes
// of the built command line. All of it goes away with the test.

import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach} from 'vitest'
import {Secret} from '../../../src/foundation/platform/index.ts'
import {createMcpStub, type McpStub} from '../../../src/service/mcp-stub/index.ts'
import {createTunnelService, type TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {type Cli, cli, RUN_JS} from '../../support/cli.ts'
import {eventually} from '../../support/eventually.ts'
import {callTool} from '../../support/post-mcp.ts'

export const TUNNEL = 'tunnel_0123456789abcdef0123456789abcdef'
/** The runtime key: must never be seen anywhere. */
export const CANARY = 'canary-0123456789-secret'
/** May read and not use. */
export const READER_KEY = 'reader-key-0000'

/** The demo MCP server as a stdio command. */
export const stdioStub = `'${process.execPath}' '${RUN_JS}' dev mcp-stub --stdio`

/** A running daemon. */
export interface Daemon {
  readonly process: Cli
  /** Text of all output so far. */
  said(): string
  /** Lines that contain `part`. */
  lines(part: string): string[]
  get(route: string, headers?: Record<string, string>): Promise<{status: number; body: string}>
  /** Resolves when `/readyz` says exactly this. */
  says(status: number, body: string | RegExp): Promise<void>
}

/** What differs from the ordinary start. */
export interface Start {
  readonly key?: string
  readonly tunnelId?: string
  readonly baseUrl?: string
  readonly mcp?: readonly string[]
  readonly env?: Record<string, string>
}

/** The world of one test file. */
export interface RunWorld {
  readonly service: TunnelService
  readonly stub: McpStub
  /** A path in the private folder. */
  path(name: string): string
  /** Stops it after the test. */
  own(process: Cli): Cli
  /** Starts `run` and waits for its URL file. */
  run(args?: readonly string[], start?: Start): Promise<Daemon>
  /** Calls a tool through the tunnel. */
  call(name: string, args: object): Promise<string>
  /** Command of a stdio server whose only tool never answers. */
  slowServer(): string
}

/** Registers the hooks of a test file. */
export function runWorld(): RunWorld {
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
        {name: 'reader', value: new Secret(READER_KEY), scopes: ['read']},
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
  const own = (process: Cli): Cli => {
    started.push(process)
    return process
  }
  const run = async (args: readonly string[] = [], start: Start = {}): Promise<Daemon> => {
    const urlFile = path('health.url')
    const process = own(
      cli(
        [
          'run',
          ...['--control-plane.base-url', start.baseUrl ?? service.controlPlaneBaseUrl],
          ...['--control-plane.tunnel-id', start.tunnelId ?? TUNNEL],
          ...['--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile],
          ...(start.mcp ?? ['--mcp.server-url', stub.mcpUrl]),
          ...args,
        ],
        {env: {CONTROL_PLANE_API_KEY: start.key ?? CANARY, ...start.env}},
      ),
    )
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

  const call = (name: string, args: object): Promise<string> => callTool(service.mcpUrl, name, args)

  const slowServer = (): string => {
    const file = path('slow.mjs')
    writeFileSync(file, SLOW_SERVER)
    return `'${process.execPath}' '${file}'`
  }
  return {
    get service() {
      return service
    },
    get stub() {
      return stub
    },
    path,
    own,
    run,
    call,
    slowServer,
  }
}

const SLOW_SERVER = `import {createInterface} from 'node:readline'
for await (const line of createInterface({input: process.stdin})) {
  const {id, method} = JSON.parse(line)
  if (id !== undefined && method !== 'tools/call') console.log(JSON.stringify({jsonrpc: '2.0', id, result: {}}))
}
`
