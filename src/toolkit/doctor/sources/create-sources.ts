// Where every fact of a run comes from.

import type {LoadInput} from '../../../foundation/config/index.ts'
import {type ClientIdentity, type HttpDoor, type Releases, systemClock} from '../../../foundation/platform/index.ts'
import {tunnelPaths} from '../../../tunnel/control-plane/index.ts'
import type {Destination, DoctorSwitches} from '../check.ts'
import {type FactSources, type Facts, FactUnavailable} from '../facts.ts'
import {contactAnonymously, skewOf} from './anonymous-contact.ts'
import {loadForDoctor, sourceForDoctor} from './config-problem.ts'
import {serviceClient, serviceDestination, tryUse} from './control-plane.ts'
import {findDaemon, findSilent, proofOf} from './daemon-proof.ts'
import {inspectListener} from './listener.ts'
import {visitMcpServer} from './mcp-server.ts'

/** What the facts are looked up with. */
export interface SourceOptions {
  readonly input: LoadInput
  readonly switches: DoctorSwitches
  readonly identity: ClientIdentity
  /** Its budgets are those of the ladder. */
  readonly door: HttpDoor
  /** What is opened is registered here; it is closed when the run ends, however it ends. */
  readonly releases: Releases
}

/** Milliseconds that a rung may take within the whole, at the default budget. */
export const RUNG_MS = {resolve: 2500, connect: 3500, tls: 3000, http: 3000, auth: 2500, scope: 2500, protocol: 5000}

/** The budget that {@link RUNG_MS} belongs to. */
export const DEFAULT_BUDGET_MS = 10_000

/** Sources for one run. */
export function createSources(options: SourceOptions): FactSources {
  const {input, switches, identity, door, releases} = options
  const scaled = (ms: number): number => (ms * switches.budgetMs) / DEFAULT_BUDGET_MS
  const loading = loadForDoctor(input)
  loading.catch(() => {})
  const config = async () => {
    const {config: loaded, problems} = await loading
    if (loaded !== null) return loaded
    throw new FactUnavailable(problems[0]?.checkId ?? 'config_validation', 'the configuration cannot be used')
  }
  const service = once(async () => {
    const loaded = await config()
    const destination = serviceDestination(loaded, door)
    return {destination, client: serviceClient({config: loaded, destination, identity}), config: loaded}
  })
  const bindingOf = async (destination: Destination | null) => {
    const binding = (await config()).mcp.bindings.find(({channel}) => channel === destination?.channel)
    if (binding === undefined) throw new Error(`no binding for ${destination?.name ?? 'nothing'}`)
    return binding
  }
  return {
    problems: async () => (await loading).problems,
    source: async () => sourceForDoctor(input),
    config,
    keyReference: async () => {
      const given = input.flags['control-plane.api-key'] ?? input.flags['control-plane-api-key']
      return typeof given === 'string' && /^(?:env|file):/.test(given) ? given : null
    },
    env: async () => ({env: input.env, cwd: input.cwd, home: input.home ?? ''}),
    main: async () => (await config()).mcp.bindings.find(({channel}) => channel === 'main') ?? null,
    daemon: async () => findDaemon(await config(), door),
    silentDaemon: async (facts: Facts) =>
      (await facts.get('daemon', null)) === null ? findSilent(await config(), door) : null,
    proof: async (facts: Facts) => proofOf(await facts.get('daemon', null), await config(), systemClock.wall()),
    listener: async (facts: Facts) => {
      const {health} = await config()
      return inspectListener({...health, daemon: await facts.get('daemon', null), door})
    },
    anonymous: async () => {
      const {destination, config: loaded} = await service()
      const {controlPlane} = loaded
      return contactAnonymously({
        destination,
        path: tunnelPaths(controlPlane.urlPath, controlPlane.tunnelId).metadata,
        userAgent: identity.userAgent,
        timeoutMs: scaled(RUNG_MS.resolve + RUNG_MS.connect + RUNG_MS.tls + RUNG_MS.http),
      })
    },
    skew: async (facts: Facts) => skewOf(await facts.get('anonymous', null)),
    metadata: async () => (await service()).client.metadata(),
    use: async () => tryUse((await service()).client, {timeoutMs: scaled(RUNG_MS.scope)}),
    path: async (facts: Facts, destination) =>
      destination?.kind === 'control_plane'
        ? (await facts.get('anonymous', null)).path
        : (await facts.get('handshake', destination)).path,
    handshake: async (_facts: Facts, destination) =>
      visitMcpServer({
        binding: await bindingOf(destination),
        config: await config(),
        door,
        identity,
        env: input.env,
        timeoutMs: scaled(RUNG_MS.protocol),
        onOpen: (close) => releases.add(`channel ${destination?.channel ?? ''}`, close),
      }),
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}
