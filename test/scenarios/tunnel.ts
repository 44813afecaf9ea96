// A whole tunnel for a scenario: our service and our daemon as separate processes of the built command line, before a real
// MCP server. What the scenario sees is what a user would see: a public MCP URL, readiness, logs, exit codes.

import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {type Cli, cli, watchProgram} from '../support/cli.ts'
import {eventually} from '../support/eventually.ts'

/** How the daemon reaches the MCP server. */
export type Binding = {readonly http: string} | {readonly stdio: readonly string[]}

/** A running service process. */
export interface ServiceProcess {
  readonly process: Cli
  readonly tunnelId: string
  readonly baseUrl: string
  readonly mcpUrl: string
  readonly runtimeKey: string
  readonly adminKey: string
}

/** A running daemon process. */
export interface DaemonProcess {
  readonly process: Cli
  readonly urlFile: string
  /** GET on the operator surface. */
  get(path: string): Promise<{status: number; body: string}>
  /** Resolves when `/readyz` answers 200. */
  ready(): Promise<void>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Everything that a scenario started; `stop` ends it in the right order. */
export class Tunnel {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tunnel-scenario-'))
  readonly #started: Cli[] = []
  #daemons = 0

  /** A private folder that goes away with the scenario. */
  path(name: string): string {
    return join(this.#folder, name)
  }

  async service(args: readonly string[] = []): Promise<ServiceProcess> {
    const started = this.#own(cli(['dev', 'tunnel-service', '--print-json', ...args]))
    await started.output(/^\}\s*$/m)
    const info = JSON.parse(started.stdout()) as Record<string, string>
    return {
      process: started,
      tunnelId: info.tunnel_id ?? '',
      baseUrl: info.control_plane_base_url ?? '',
      mcpUrl: info.mcp_url ?? '',
      runtimeKey: info.runtime_key ?? '',
      adminKey: info.admin_key ?? '',
    }
  }

  async daemon(
    service: Pick<ServiceProcess, 'baseUrl' | 'tunnelId' | 'runtimeKey'>,
    binding: Binding,
    args: readonly string[] = [],
  ): Promise<DaemonProcess> {
    const urlFile = this.path(`health-${++this.#daemons}.url`)
    const target =
      'http' in binding ? ['--mcp.server-url', binding.http] : ['--mcp.command', binding.stdio.map(quoted).join(' ')]
    const started = this.#own(
      cli(
        ['run', '--control-plane.base-url', service.baseUrl, '--control-plane.tunnel-id', service.tunnelId]
          .concat(['--health.listen-addr', '127.0.0.1:0', '--health.url-file', urlFile])
          .concat(target, args),
        {env: {CONTROL_PLANE_API_KEY: service.runtimeKey}},
      ),
    )
    const url = await eventually('the URL file', () => {
      if (started.child.exitCode !== null) throw new Error(`the daemon ended: ${started.stderr()}${started.stdout()}`)
      return readFileSync(urlFile, 'utf8')
    })
    const get = async (path: string): Promise<{status: number; body: string}> => {
      const reply = await fetch(`${url}${path}`)
      return {status: reply.status, body: await reply.text()}
    }
    const ready = async (): Promise<void> => {
      await eventually('readiness', async () => {
        const {status, body} = await get('/readyz')
        if (status !== 200) throw new Error(body)
        return true
      })
    }
    return {process: started, urlFile, get, ready}
  }

  /** The scenarios' own server on SDK v2. */
  sdkServer(): Promise<Binding & {http: string}> {
    return this.scenarioServer('sdk-v2-server.mjs', 'http')
  }

  /** A server of `servers/`, over Streamable HTTP. */
  async scenarioServer(file: string, ...args: readonly string[]): Promise<Binding & {http: string}> {
    const started = this.#own(watchProgram([process.execPath, here(`servers/${file}`), ...args]))
    return {http: `http://127.0.0.1:${await reportedPort(started)}/mcp`}
  }

  /** The reference server of the MCP project, over Streamable HTTP on loopback. */
  async everythingHttp(): Promise<Binding & {http: string}> {
    const preload = here('servers/loopback-preload.mjs')
    const started = this.#own(watchProgram([process.execPath, '--import', preload, EVERYTHING, 'streamableHttp']))
    return {http: `http://127.0.0.1:${await reportedPort(started)}/mcp`}
  }

  /** The same server over either transport. */
  async everything(transport: 'stdio' | 'http'): Promise<Binding> {
    return transport === 'stdio' ? everythingStdio : await this.everythingHttp()
  }

  async stop(): Promise<void> {
    for (const process of this.#started.reverse()) await process.stop()
    rmSync(this.#folder, {recursive: true, force: true})
  }

  #own(process: Cli): Cli {
    this.#started.push(process)
    return process
  }
}

const EVERYTHING = here('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js')

/** The same reference server as a stdio command. */
export const everythingStdio: Binding = {stdio: [process.execPath, EVERYTHING, 'stdio']}

/** The scenarios' own server as a stdio command. */
export const sdkServerStdio: Binding = {stdio: [process.execPath, here('servers/sdk-v2-server.mjs'), 'stdio']}

const quoted = (argument: string): string => `'${argument.replaceAll("'", `'\\''`)}'`

async function reportedPort(server: Cli): Promise<number> {
  return Number((await server.output(/\{"port":(\d+)\}/))[1])
}
