// A whole tunnel in one process: our tunnel service, and our daemon before the caller's MCP server. What `dev proxy` and
// `dev demo` run on. Up means: the daemon's probe has settled and its first poll was accepted.

import {messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {createIdentity, releases} from '../../foundation/platform/index.ts'
import {createDaemon, openDaemonLog} from '../../tunnel/daemon/index.ts'
import type {TunnelService} from '../tunnel-service/index.ts'
import {startService} from './control-socket.ts'
import {localDaemonConfig, wantsSurface} from './daemon-config.ts'
import type {LocalProxy, LocalProxyInfo, LocalProxyOptions} from './options.ts'

const READINESS_TIMEOUT_MS = 10_000

/** Starts both halves. Rejects with a TunnelError, after everything is stopped again. */
export async function createLocalProxy(options: LocalProxyOptions): Promise<LocalProxy> {
  const undo = releases()
  try {
    return await start(options, undo)
  } catch (thrown) {
    await undo.release().catch(() => {})
    throw thrown instanceof TunnelError
      ? thrown
      : new TunnelError('TC-SERVICE-START', messageOf(thrown), {cause: thrown})
  }
}

async function start(options: LocalProxyOptions, undo: ReturnType<typeof releases>): Promise<LocalProxy> {
  const step = options.onStep ?? (() => {})
  const patience = options.readinessTimeoutMs ?? READINESS_TIMEOUT_MS
  const within = <T>(what: string, work: Promise<T>): Promise<T> =>
    settled({what, work, ms: patience, signal: options.signal})
  step('starting the tunnel service')
  const service = await startService({
    service: {
      ...(options.tunnelId === undefined ? {} : {tunnelId: options.tunnelId}),
      ingress: options.listen,
      ...(options.responseTimeoutMs === undefined ? {} : {responseTimeoutMs: options.responseTimeoutMs}),
      ...(options.clientLastSeenMs === undefined ? {} : {clientLastSeenMs: options.clientLastSeenMs}),
    },
    undo,
    warn: (line) => options.logStream.write(`${line}\n`),
  })
  options.signal?.throwIfAborted()
  const config = await localDaemonConfig(options, service)
  const identity = createIdentity(options.version)
  const log = await openDaemonLog({config, identity, stream: options.logStream})
  undo.add('log', async () => {
    await log.writer.flush()
    await log.writer.close()
  })
  step('starting the daemon')
  const daemon = createDaemon({
    config,
    identity,
    log,
    surface: wantsSurface(options) ? 'configured' : 'none',
    env: options.env,
  })
  undo.add('daemon', () => daemon.stop({drainMs: 0}))
  const urls = await within('start tunnel-client', daemon.start(options.signal))
  step('waiting for the MCP server')
  await within('wait for MCP probe', daemon.probesSettled)
  step('waiting for the first poll')
  await within('wait for tunnel-client poll', daemon.pollSettled)
  return {
    info: describe(service, urls.health),
    healthUrl: urls.health,
    readiness: daemon.readiness,
    broken: daemon.broken,
    stop: async (request) => {
      await daemon.stop(request)
      await undo.release()
    },
  }
}

function describe(service: TunnelService, health: string | null): LocalProxyInfo {
  const ingress =
    service.mcpUnixSocket === null
      ? ({mcp_url: service.mcpUrl, mcp_transport: 'tcp'} as const)
      : ({
          mcp_url: '',
          mcp_transport: 'unix',
          mcp_unix_socket: service.mcpUnixSocket,
          mcp_url_path: service.mcpUrlPath,
        } as const)
  const control =
    service.controlUnixSocket === null
      ? ({control_plane_transport: 'tcp'} as const)
      : ({control_plane_transport: 'unix', control_plane_unix_socket: service.controlUnixSocket} as const)
  return {
    tunnel_id: service.tunnelId,
    ...ingress,
    control_plane_base_url: service.controlPlaneBaseUrl,
    ...control,
    ...(health === null ? {} : {health_url: `${health}/readyz`}),
    backend: 'node-in-memory',
  }
}

/** The work, or an error that names it when it takes too long or was given up. */
async function settled<T>(options: {
  readonly what: string
  readonly work: Promise<T>
  readonly ms: number
  readonly signal: AbortSignal | undefined
}): Promise<T> {
  const {what, work, ms, signal} = options
  let timer: NodeJS.Timeout | undefined
  let onAbort = (): void => {}
  const late = new Promise<never>((_, reject) => {
    const fail = (why: string): void => reject(new TunnelError('TC-SERVICE-START', `${what}: ${why}`))
    timer = setTimeout(() => fail(`not done within ${ms / 1000}s`), ms)
    onAbort = () => fail('context canceled')
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, {once: true})
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
