// Puts the service together: keys and tunnels, the control listener for daemons, the ingress listener for callers.

import {TunnelError} from '../../foundation/errors/index.ts'
import {
  createHttpServer,
  type HttpServer,
  isLoopbackHost,
  isTunnelId,
  type ListenTarget,
  releases,
  silentLogger,
  systemClock,
} from '../../foundation/platform/index.ts'
import {Keyring} from './access-keys.ts'
import {ApiError} from './api-error.ts'
import {controlRoutes} from './control/routes.ts'
import {createIdSource, newKey, newTunnelId} from './ids.ts'
import {createIngressGuard} from './ingress/guard.ts'
import {ingressRoutes} from './ingress/routes.ts'
import type {AccessKey, TunnelService, TunnelServiceOptions} from './options.ts'
import {readState, type ServiceState, writeState} from './state-file.ts'
import {type TunnelRecord, Tunnels} from './tunnels.ts'

/** How long answers that are being written at the end may take, in milliseconds. */
const CLOSE_GRACE_MS = 1000
/** Longer than a call may run: a daemon whose slots are all taken does not poll, and its idle connection means life. */
const CONTROL_KEEP_ALIVE_MS = 650_000
const LOOPBACK: ListenTarget = {host: '127.0.0.1', port: 0}

/** Starts a tunnel service. Rejects with `TC-SERVICE-OPTIONS`, `TC-SERVICE-STATE` or `TC-LISTEN`. */
export async function createTunnelService(options: TunnelServiceOptions = {}): Promise<TunnelService> {
  const {control = LOOPBACK, ingress = LOOPBACK, ingressToken} = options
  const clock = options.clock ?? systemClock
  const log = options.log ?? silentLogger
  checkOptions(options, ingress)
  const state = await stateOf(options)
  const ids = createIdSource()
  const keys = new Keyring(state.keys)
  const tunnels = new Tunnels({
    records: state.tunnels,
    keys,
    // Keys that the starter gave open what he said and nothing more.
    sharedKey: options.keys === undefined ? RUNTIME : null,
    save: async (records) => {
      if (options.stateFile !== undefined)
        await writeState(options.stateFile, {...state, tunnels: records, keys: keys.all})
    },
    // No fault: daemons may share a tunnel. But who left one running somewhere looks for it in vain.
    onShared: ({tunnelId, daemons}) =>
      log.info('several tunnel-clients serve this tunnel; each call goes to one of them', {
        tunnel_id: tunnelId,
        clients: daemons,
      }),
    hub: {
      clock,
      maxCommands: options.queue?.maxCommands ?? 1000,
      maxBytes: options.queue?.maxBytes ?? 256 * 1024 * 1024,
      maxInFlight: options.queue?.maxInFlight ?? 10_000,
      clientGoneMs: timer(options.clientGoneMs ?? 5000),
      clientLastSeenMs: timer(options.clientLastSeenMs ?? 20_000),
    },
  })
  const opened = releases()
  const open = async (name: string, server: Promise<HttpServer>): Promise<HttpServer> => {
    const listening = await server
    opened.add(name, () => listening.close(CLOSE_GRACE_MS))
    return listening
  }
  const controlServer = await open(
    'control listener',
    createHttpServer({
      listen: control,
      tls: options.control?.tls,
      keepAliveMs: CONTROL_KEEP_ALIVE_MS,
      ...controlRoutes({tunnels, keys, ids, clock, log}),
    }),
  )
  let ingressServer: HttpServer
  try {
    ingressServer = await open(
      'ingress listener',
      createHttpServer({
        listen: ingress,
        ...ingressRoutes({
          tunnels,
          ids,
          clock,
          log,
          guard: createIngressGuard({token: ingressToken, keys, host: 'host' in ingress ? ingress.host : null}),
          responseTimeoutMs: timer(options.responseTimeoutMs ?? 30_000),
          silenceMs: timer(options.silenceMs ?? 15_000),
        }),
      }),
    )
  } catch (thrown) {
    await opened.release()
    throw thrown
  }
  const mcpUrlPath = `/v1/mcp/${state.tunnelId}`
  log.debug('tunnel service started', {tunnel_id: state.tunnelId})
  return {
    tunnelId: state.tunnelId,
    ...endpointsOf(controlServer, ingressServer, mcpUrlPath),
    mcpUrlPath,
    runtimeKey: keyWith(state.keys, 'use'),
    adminKey: keyWith(state.keys, 'manage'),
    snapshot: (id = state.tunnelId) => tunnels.get(id)?.hub.snapshot() ?? null,
    close: () => {
      tunnels.close(new ApiError('service_stopping', 'the tunnel service is stopping', {retryAfter: 1}))
      return opened.release()
    },
  }
}

/** Node's timers end at 2^31 - 1 milliseconds; a longer one fires at once. */
const timer = (ms: number): number => Math.min(ms, 2 ** 31 - 1)

function checkOptions({tunnelId, ingressToken}: TunnelServiceOptions, ingress: ListenTarget): void {
  if (tunnelId !== undefined && !isTunnelId(tunnelId)) {
    const rule = 'must match tunnel_<32 lowercase letters or digits>'
    throw new TunnelError('TC-SERVICE-OPTIONS', `invalid tunnel ID ${JSON.stringify(tunnelId)}: ${rule}`, {
      next: ['Write tunnel_ and 32 lower-case letters or digits, or leave --tunnel-id out'],
    })
  }
  if ('host' in ingress && !isLoopbackHost(ingress.host) && ingressToken === undefined) {
    throw new TunnelError('TC-SERVICE-OPTIONS', `the ingress on ${ingress.host} can be reached from other machines`, {
      next: ['Give an ingress token (--ingress-token env:NAME), or listen on 127.0.0.1'],
    })
  }
}

/** Tunnels and keys to start with; they are on disk, if they are to be, before anybody can use them. */
async function stateOf({stateFile, tunnelId, keys}: TunnelServiceOptions): Promise<ServiceState> {
  const stored = stateFile === undefined ? null : await readState(stateFile)
  const id = tunnelId ?? stored?.tunnelId ?? newTunnelId()
  const tunnels = [...(stored?.tunnels ?? [])]
  if (!tunnels.some((record) => record.id === id)) tunnels.push(localTunnel(id))
  const state = {tunnelId: id, tunnels, keys: keys ?? boundTo(id, stored?.keys ?? randomKeys())}
  keyWith(state.keys, 'use')
  keyWith(state.keys, 'manage')
  if (stateFile !== undefined) await writeState(stateFile, state)
  return state
}

const localTunnel = (id: string): TunnelRecord => ({
  id,
  name: 'local tunnel',
  description: 'Tunnel of the local tunnel service',
  creator: 'local',
  tenant_ids: [],
  workspace_ids: [],
  organization_ids: ['org-local'],
})

/** The runtime key that all tunnels share which have no key of their own. */
const RUNTIME = 'runtime'

/** The announced tunnel may be another than at the last start. */
const boundTo = (id: string, keys: readonly AccessKey[]): AccessKey[] =>
  keys.map((key) =>
    key.name !== RUNTIME || key.tunnels == null || key.tunnels.includes(id)
      ? key
      : {...key, tunnels: [...key.tunnels, id]},
  )

const randomKeys = (): readonly AccessKey[] => [
  {name: RUNTIME, value: newKey('runtime'), scopes: ['read', 'use'], tunnels: []},
  {name: 'admin', value: newKey('admin'), scopes: ['read', 'manage']},
]

function keyWith(keys: readonly AccessKey[], scope: 'use' | 'manage'): AccessKey['value'] {
  const key = keys.find(({scopes}) => scopes.includes('read') && scopes.includes(scope))
  if (key) return key.value
  throw new TunnelError('TC-SERVICE-OPTIONS', `none of the keys has the scopes read and ${scope}`)
}

function endpointsOf(control: HttpServer, ingress: HttpServer, mcpUrlPath: string) {
  const outer = ingress.address
  const inner = control.address
  return {
    controlPlaneBaseUrl: inner.kind === 'tcp' ? inner.origin : 'http://localhost',
    controlUnixSocket: inner.kind === 'unix' ? inner.path : null,
    mcpUrl: outer.kind === 'tcp' ? `${outer.origin}${mcpUrlPath}` : '',
    mcpUnixSocket: outer.kind === 'unix' ? outer.path : null,
  }
}
