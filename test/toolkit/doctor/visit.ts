// A visit to the doctor with a configuration from flags and a few variables, as the command makes it.

import {createServer, type IncomingMessage, type RequestListener, type Server} from 'node:http'
import {createServer as createTls} from 'node:https'
import {onTestFinished} from 'vitest'
import {createMcpStub, type McpStub} from '../../../src/service/mcp-stub/index.ts'
import {createTunnelService, type TunnelService} from '../../../src/service/tunnel-service/index.ts'
import {type DoctorOptions, type DoctorReport, diagnose} from '../../../src/toolkit/doctor/index.ts'
import {listenInTest} from '../../support/servers/loopback.ts'

/** A tunnel service that lives as long as the test. */
export async function tunnelService(): Promise<TunnelService> {
  const service = await createTunnelService({})
  onTestFinished(() => service.close())
  return service
}

/** A demo MCP server that lives as long as the test. */
export async function mcpStub(): Promise<McpStub> {
  const stub = await createMcpStub()
  onTestFinished(() => stub.close(0))
  return stub
}

/** What a scripted server has seen. */
export interface Scripted {
  readonly url: string
  readonly seen: IncomingMessage[]
}

/** A server that does what the test says; with `tls` over https. */
export async function scripted(answer: RequestListener, tls?: {cert: string; key: string}): Promise<Scripted> {
  const seen: IncomingMessage[] = []
  const listener: RequestListener = (request, reply) => {
    seen.push(request)
    request.resume().on('end', () => answer(request, reply))
  }
  const server: Server = tls ? createTls(tls, listener) : createServer(listener)
  const port = await listenInTest(server)
  return {url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, seen}
}

/** What a visit looks at. */
export interface Visit extends Partial<Omit<DoctorOptions, 'input'>> {
  readonly flags?: Record<string, string | string[]>
  readonly env?: Record<string, string>
  /** Its address, tunnel and runtime key, unless flags and variables say otherwise. */
  readonly service?: TunnelService
  readonly mcp?: string
  readonly command?: string
}

/** Asks the doctor; it may take its time, because what it starts and asks is slow on a busy machine. */
export async function visit(given: Visit): Promise<DoctorReport & {row(key: string): DoctorReport['checks'][number]}> {
  const {flags, env, service, mcp, command, ...options} = given
  const {report} = await diagnose({
    version: '0.0.0-test',
    timeout: '60s',
    ...options,
    input: {
      flags: {
        'health.listen-addr': '127.0.0.1:0',
        'control-plane.base-url': service?.controlPlaneBaseUrl,
        'control-plane.tunnel-id': service?.tunnelId,
        ...(mcp === undefined ? {} : {'mcp.server-url': [mcp]}),
        ...(command === undefined ? {} : {'mcp.command': [command]}),
        ...flags,
      },
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        ...(service === undefined ? {} : {CONTROL_PLANE_API_KEY: service.runtimeKey.reveal()}),
        ...env,
      },
      cwd: process.cwd(),
      home: '/nonexistent',
    },
  })
  return {
    ...report,
    row: (key) => {
      const found = report.checks.find(
        ({id, destination}) => (destination === undefined ? id : `${destination}/${id}`) === key,
      )
      if (found === undefined) throw new Error(`no row ${key} in ${report.checks.map(({id}) => id).join(', ')}`)
      return found
    },
  }
}
