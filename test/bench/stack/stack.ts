// One client under test with all that it needs: a tunnel service of its own, a daemon, and the MCP server that it forwards
// to; with a delay proxy in front of the service where round-trip time is asked for.

import {join} from 'node:path'
import {childThatRuns} from './proc.ts'
import {type Part, program, RUN_JS, startPart} from './processes.ts'

/** A client under test: `floor`, or the argv prefix of a compatible binary. */
export interface Client {
  readonly name: string
  readonly argv: readonly string[] | 'floor'
}

/** Where a stack's MCP server is: a running HTTP one, or a command that the daemon starts. */
export type McpTarget = {readonly http: Part} | {readonly stdio: readonly string[]}

/** How to build a stack. */
export interface StackSpec {
  readonly client: Client
  readonly mcp: McpTarget
  /** Folder for files. */
  readonly folder: string
  /** One-way delay between daemon and service, in milliseconds. */
  readonly delayMs?: number
  /** Flags of `run`, over {@link ROOMY}. `null` takes one away. */
  readonly flags?: Readonly<Record<string, string | readonly string[] | null>>
  readonly serviceFlags?: readonly string[]
}

/** Room for every caller of the bench, so that no line measures a queue that the operator made too short. */
const ROOMY = {'control-plane.max-inflight': '256', 'mcp.max-concurrent-requests': '64'}

/** A running stack. */
export interface Stack {
  readonly client: Client
  readonly service: Part
  readonly daemon: Part
  /** MCP URL for callers. */
  readonly url: string
  /** File that holds the daemon's operator URL once it listens; the floor has none. */
  readonly urlFile: string
  mcpPid(): number
  stop(): Promise<void>
}

/** The MCP server of the HTTP lines. */
export const startMcpServer = (): Promise<Part> =>
  startPart({name: 'mcp', argv: [process.execPath, program('mcp-server.mjs')], printsInfo: true})

/** The MCP server of the stdio lines. */
export const STDIO_SERVER: readonly string[] = [process.execPath, program('stdio-server.mjs')]

/** A tunnel service. */
export const startService = (flags: readonly string[] = []): Promise<Part> =>
  startPart({
    name: 'service',
    argv: [process.execPath, RUN_JS, 'dev', 'tunnel-service', '--print-json', '--response-timeout', '60s', ...flags],
    printsInfo: true,
  })

/** Starts a whole stack and waits for the first answer through it. */
export async function startStack(spec: StackSpec): Promise<Stack> {
  const service = await startService(spec.serviceFlags)
  const parts: Part[] = [service]
  const stop = async () => {
    for (const part of parts) await part.stop()
  }
  try {
    let baseUrl = service.info.control_plane_base_url!
    if (spec.delayMs) {
      const argv = [process.execPath, program('delay-proxy.mjs'), new URL(baseUrl).port, String(spec.delayMs)]
      const proxy = await startPart({name: 'delay', argv, printsInfo: true})
      parts.unshift(proxy)
      baseUrl = `http://127.0.0.1:${proxy.info.port}`
    }
    const urlFile = join(spec.folder, `${service.pid}.url`)
    const daemon = await startDaemon({...spec, baseUrl, service, urlFile})
    parts.unshift(daemon)
    const url = service.info.mcp_url!
    await firstAnswer(url)
    const {mcp} = spec
    const mcpPid = (): number => ('http' in mcp ? mcp.http.pid : childThatRuns(mcp.stdio.at(-1)!, daemon.pid))
    return {client: spec.client, service, daemon, url, urlFile, mcpPid, stop}
  } catch (thrown) {
    await stop()
    const said = parts.map((part) => `${part.name}: ${part.errors()}`).join('\n')
    throw new Error(`${spec.client.name}: ${String(thrown)}\n${said}`, {cause: thrown})
  }
}

/** What a daemon needs to know. */
export interface DaemonSpec extends StackSpec {
  readonly baseUrl: string
  readonly service: Part
  readonly urlFile: string
}

/** Starts the daemon of a client against a service. */
export function startDaemon(spec: DaemonSpec): Promise<Part> {
  const {client, service, mcp, baseUrl} = spec
  const env = {CONTROL_PLANE_API_KEY: service.info.runtime_key!}
  const tunnelId = service.info.tunnel_id!
  if (client.argv === 'floor') {
    const floor =
      'http' in mcp
        ? [program('floor-daemon.mjs'), baseUrl, tunnelId, mcp.http.info.url!]
        : [program('floor-stdio-daemon.mjs'), baseUrl, tunnelId, ...mcp.stdio]
    return startPart({name: client.name, argv: [process.execPath, ...floor], env, printsInfo: false})
  }
  const flags: Record<string, string | readonly string[] | null> = {
    'control-plane.base-url': baseUrl,
    'control-plane.tunnel-id': tunnelId,
    ...ROOMY,
    ...('http' in mcp ? {'mcp.server-url': mcp.http.info.url!} : {'mcp.command': mcp.stdio.join(' ')}),
    'health.listen-addr': '127.0.0.1:0',
    'health.url-file': spec.urlFile,
    ...spec.flags,
  }
  const given = Object.entries(flags).flatMap(([name, value]) =>
    (value === null ? [] : [value].flat()).map((one) => `--${name}=${one}`),
  )
  return startPart({name: client.name, argv: [...client.argv, 'run', ...given], env, printsInfo: false})
}

const CALL = '{"jsonrpc":"2.0","id":1,"method":"bench/16/ascii/0"}'
const HEADERS = {'content-type': 'application/json', accept: 'application/json, text/event-stream'}

/** Resolves when a call came back through the whole tunnel, with the milliseconds that took. */
export async function firstAnswer(url: string, everyMs = 5): Promise<number> {
  const from = performance.now()
  while (performance.now() - from < 30_000) {
    const reply = await fetch(url, {method: 'POST', headers: HEADERS, body: CALL}).catch(() => null)
    if ((await reply?.text().catch(() => ''))?.includes('"result"')) return performance.now() - from
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  throw new Error(`no answer through the tunnel at ${url} within 30 s`)
}
