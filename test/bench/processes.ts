// Starts the separate processes of the bench topology, finds out when they are up, and ends exactly those.

import {type ChildProcess, spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

/** A running part of the topology. */
export interface Part {
  readonly name: string
  readonly pid: number
  /** The first JSON document that it printed, when it prints one. */
  readonly info: Record<string, string>
  stop(): Promise<void>
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Path of the built command line, as a user runs it. */
export const RUN_JS = here('../../bin/run.js')

/** How to start one part. */
export interface PartSpec {
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Wait for one JSON document on stdout before the part counts as started. */
  readonly printsInfo: boolean
}

/** Starts a part; rejects with its stderr when it ends before it is up. */
export async function startPart(spec: PartSpec): Promise<Part> {
  const [program = '', ...args] = spec.argv
  const child = spawn(program, args, {env: {...baseEnv(), ...spec.env}, stdio: ['pipe', 'pipe', 'pipe']})
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const info = spec.printsInfo ? await firstJson(child, ended, () => errors) : {}
  if (!spec.printsInfo) child.stdout.resume()
  return {name: spec.name, pid: child.pid ?? 0, info, stop: () => stop(child, ended)}
}

/** Environment of the parts: ours, without what would slow down or reconfigure a client under test. */
function baseEnv(): NodeJS.ProcessEnv {
  const {NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env} = process.env
  for (const name of Object.keys(env)) if (/^(CONTROL_PLANE|MCP|HEALTH|LOG|TUNNEL_CLIENT)_/.test(name)) delete env[name]
  return {
    ...env,
    TUNNEL_CLIENT_CODEX_APP_SERVER_CMD: 'sleep',
    TUNNEL_CLIENT_CODEX_APP_SERVER_ARGS: '3600',
  }
}

async function firstJson(
  child: ChildProcess,
  ended: Promise<void>,
  errors: () => string,
): Promise<Record<string, string>> {
  if (!child.stdout) throw new Error('no stdout')
  const lines = createInterface({input: child.stdout})
  let text = ''
  return await new Promise((resolve, reject) => {
    void ended.then(() => reject(new Error(`${child.spawnargs.join(' ')} ended: ${errors()}`)))
    lines.on('line', (line) => {
      text += `${line}\n`
      try {
        resolve(JSON.parse(text) as Record<string, string>)
      } catch {
        // not complete yet
      }
    })
  })
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.stdin?.end()
  child.kill('SIGTERM')
  const forced = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(forced)
}

/** The MCP server that every client forwards to. */
export const startMcpServer = (): Promise<Part> =>
  startPart({name: 'mcp', argv: [process.execPath, here('mcp-server.mjs')], printsInfo: true})

/** A tunnel service of its own for one client. */
export const startService = (): Promise<Part> =>
  startPart({
    name: 'service',
    argv: [process.execPath, RUN_JS, 'dev', 'tunnel-service', '--print-json', '--response-timeout', '60s'],
    printsInfo: true,
  })

/** A proxy in front of `port` that holds bytes back for `delayMs` each way. */
export const startDelayProxy = (port: string, delayMs: number): Promise<Part> =>
  startPart({name: 'delay', argv: [process.execPath, here('delay-proxy.mjs'), port, String(delayMs)], printsInfo: true})

/** What a daemon needs to know. */
export interface DaemonTarget {
  readonly baseUrl: string
  readonly tunnelId: string
  readonly runtimeKey: string
  readonly mcpUrl: string
  readonly urlFile: string
}

/** A client under test: `floor`, or the argv prefix of a compatible binary. */
export interface Client {
  readonly name: string
  readonly argv: readonly string[] | 'floor'
}

/** Starts the daemon of a client against a service. */
export function startDaemon(client: Client, target: DaemonTarget): Promise<Part> {
  const env = {CONTROL_PLANE_API_KEY: target.runtimeKey}
  if (client.argv === 'floor') {
    const argv = [process.execPath, here('floor-daemon.mjs'), target.baseUrl, target.tunnelId, target.mcpUrl]
    return startPart({name: client.name, argv, env, printsInfo: false})
  }
  const flags = {
    'control-plane.base-url': target.baseUrl,
    'control-plane.tunnel-id': target.tunnelId,
    'control-plane.max-inflight': '256',
    'mcp.max-concurrent-requests': '64',
    'mcp.server-url': target.mcpUrl,
    'health.listen-addr': '127.0.0.1:0',
    'health.url-file': target.urlFile,
  }
  const argv = [...client.argv, 'run', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)]
  return startPart({name: client.name, argv, env, printsInfo: false})
}

/** One slice of load; `onMark` is called at both ends of the measured window. */
export async function runLoad(options: object, onMark: (mark: 'start' | 'end') => void): Promise<LoadResult> {
  const child = spawn(process.execPath, [here('load.mjs'), JSON.stringify(options)], {
    env: baseEnv(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let result: LoadResult | null = null
  for await (const line of createInterface({input: child.stdout})) {
    const document = JSON.parse(line) as {mark?: 'start' | 'end'} & LoadResult
    if (document.mark) onMark(document.mark)
    else result = document
  }
  if (!result) throw new Error('the load side printed no result')
  return {...result, pid: child.pid ?? 0}
}

/** What the load side saw in its window. Times in milliseconds. */
export interface LoadResult {
  readonly pid: number
  readonly calls: number
  readonly perSecond: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly errors: number
  readonly firstErrors: readonly string[]
  readonly loadCpuSeconds: number
}
