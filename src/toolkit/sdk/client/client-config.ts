// Options of a program become the configuration of a daemon: through the same loader, bounds and defaults as the command
// line, with errors that name options in place of flags.

import {
  type LoadInput,
  loadConfig,
  type McpBinding,
  secretsOf,
  type TunnelConfig,
} from '../../../foundation/config/index.ts'
import {isTunnelError, TunnelError} from '../../../foundation/errors/index.ts'
import {workingFolder} from '../../../foundation/platform/index.ts'
import type {McpServerLike, McpTarget, SecretText, ServerTransport, TunnelClientSettings} from '../options.ts'
import {inOptionNames} from './option-names.ts'

/** A server of this process, as the daemon binds it. */
export interface BoundServer {
  readonly kind: 'memory'
  readonly channel: string
  readonly sessions: 'shared' | 'each'
  connect(transport: ServerTransport): Promise<void>
}

/** What a daemon is made from. */
export interface ClientConfig {
  readonly config: TunnelConfig
  readonly servers: readonly BoundServer[]
  /** What programs of MCP servers inherit: everything but variables that hold one of our secrets. */
  readonly childEnv: Readonly<Record<string, string | undefined>>
}

/** Resolves secrets, then loads. Rejects with `TC-CONFIG-INVALID`, or `TC-SDK-OPTIONS` when a secret cannot be had. */
export async function clientConfig(settings: TunnelClientSettings): Promise<ClientConfig> {
  const targets = targetsOf(settings)
  const apiKey = settings.apiKey === undefined ? undefined : await secret('apiKey', settings.apiKey)
  const input: LoadInput = {
    flags: {
      ...(await flagsOf(settings)),
      // A setting of the environment must not open a listener or a browser that nobody asked for.
      'open-web-ui': false,
      ...healthFlags(settings),
    },
    env: {...settings.env, ...(apiKey === undefined ? {} : {CONTROL_PLANE_API_KEY: apiKey})},
    cwd: workingFolder(),
    served: targets.map(([channel]) => channel),
  }
  const config = await loaded(input, settings)
  const bindings = targets.flatMap(([channel, target]) => configured(channel, target))
  const twice = targets.find(([channel]) => config.mcp.bindings.some((binding) => binding.channel === channel))
  if (twice !== undefined) {
    throw new TunnelError('TC-SDK-OPTIONS', `channel ${JSON.stringify(twice[0])} is given as an option and in env`)
  }
  return {
    config: {
      ...config,
      mcp: {...config.mcp, bindings: [...config.mcp.bindings, ...bindings]},
      origin: (key) => config.origin(key),
    },
    servers: targets.flatMap(([channel, target]) => inProcess(channel, target)),
    childEnv: withoutSecrets(process.env, config),
  }
}

async function flagsOf(
  settings: TunnelClientSettings,
): Promise<Record<string, string | readonly string[] | undefined>> {
  const {clientCertificate, baseUrl} = settings
  const number = (value: number | undefined): string | undefined => value?.toString()
  const ms = (value: number | undefined): string | undefined => (value === undefined ? undefined : `${value}ms`)
  return {
    'control-plane.tunnel-id': settings.tunnelId,
    'control-plane.base-url': baseUrl?.toString(),
    'control-plane.url-path': settings.urlPath,
    'control-plane.organization-id': settings.organizationId,
    'control-plane.extra-headers': await headerLines('headers', settings.headers),
    'control-plane.client-cert': clientCertificate?.cert,
    'control-plane.client-key': clientCertificate?.key,
    'control-plane.max-inflight': number(settings.maxInFlight),
    'control-plane.poll-timeout': ms(settings.pollTimeout),
    'mcp.max-concurrent-requests': number(settings.maxConcurrentRequests),
    'mcp.connection-max-ttl': ms(settings.callTimeout),
    'mcp.extra-headers': await headerLines('mcpHeaders', settings.mcpHeaders),
    'ca-bundle': settings.caBundle,
    'drain-timeout': ms(settings.drainTimeout),
    'log.level': settings.logger === undefined ? undefined : settings.logLevel,
    // The default format is a terminal's and knows no levels; what is rendered goes nowhere unless env names a file.
    'log.format': settings.logger === undefined ? undefined : 'json',
  }
}

const healthFlags = ({health}: TunnelClientSettings): Record<string, string> => ({
  'health.listen-addr': health?.listen ?? '127.0.0.1:0',
  ...(health?.urlFile === undefined ? {} : {'health.url-file': health.urlFile}),
})

async function headerLines(
  option: string,
  headers: Readonly<Record<string, SecretText>> | undefined,
): Promise<string[] | undefined> {
  if (headers === undefined) return undefined
  const lines = Object.entries(headers).map(
    async ([name, value]) => `${name}: ${await secret(`${option}[${JSON.stringify(name)}]`, value)}`,
  )
  return await Promise.all(lines)
}

/** The text of a secret. What its function throws may hold it, so only that it threw is told. */
async function secret(option: string, given: SecretText): Promise<string> {
  if (typeof given === 'string') return given
  let text: unknown
  try {
    text = await given()
  } catch (thrown) {
    throw new TunnelError('TC-SDK-OPTIONS', `the function given as ${option} threw`, {cause: thrown})
  }
  if (typeof text === 'string') return text
  throw new TunnelError('TC-SDK-OPTIONS', `the function given as ${option} has to return a string`)
}

async function loaded(input: LoadInput, settings: TunnelClientSettings): Promise<TunnelConfig> {
  try {
    return await loadConfig(input)
  } catch (thrown) {
    throw isTunnelError(thrown) ? inOptionNames(thrown, settings) : thrown
  }
}

const targetsOf = ({mcp, channels}: TunnelClientSettings): [string, McpTarget][] => [
  ...(mcp === undefined ? [] : ([['main', mcp]] as [string, McpTarget][])),
  ...Object.entries(channels ?? {}),
]

function configured(channel: string, target: McpTarget): McpBinding[] {
  if ('url' in target) {
    const url = urlOf(channel, target.url)
    return [{kind: 'http', channel, url, unixSocket: target.unixSocket ?? null, clientCertificate: null}]
  }
  if ('command' in target) {
    const argv = [target.command, ...(target.args ?? [])] as const
    return [{kind: 'stdio', channel, command: target.command, argv}]
  }
  return []
}

function urlOf(channel: string, given: string | URL): URL {
  const text = given.toString()
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol)) return url
  throw new TunnelError('TC-SDK-OPTIONS', `the url of channel ${JSON.stringify(channel)} is no http or https URL`)
}

function inProcess(channel: string, target: McpTarget): BoundServer[] {
  if ('connect' in target) {
    return [
      {kind: 'memory', channel, sessions: 'each', connect: async (transport) => void (await target.connect(transport))},
    ]
  }
  if (!('server' in target)) return []
  const {server} = target
  if (typeof server !== 'function') {
    return [{kind: 'memory', channel, sessions: 'shared', connect: (transport) => server.connect(transport)}]
  }
  const connect = async (transport: ServerTransport): Promise<void> => {
    const made: McpServerLike | undefined = await server()
    if (typeof made?.connect !== 'function') throw new TypeError('the function returned no server with connect()')
    await made.connect(transport)
  }
  return [{kind: 'memory', channel, sessions: 'each', connect}]
}

/** Shorter values of headers are ordinary words, and so may be variables that hold the same. */
const SHORTEST_HEADER_SECRET = 16

/** Whatever variables the program read its key and its headers from, the programs that we start must not see them. */
function withoutSecrets(env: NodeJS.ProcessEnv, config: TunnelConfig): NodeJS.ProcessEnv {
  const texts = secretsOf(config).map((secret) => secret.reveal())
  // `Bearer <token>`: the variable holds the token.
  const pieces = texts.flatMap((text) => [text, text.slice(text.lastIndexOf(' ') + 1)])
  const hidden = new Set([config.controlPlane.apiKey.reveal(), ...pieces.filter(isLong)])
  return Object.fromEntries(Object.entries(env).filter(([, text]) => !hidden.has(text?.trim() ?? '')))
}

const isLong = (text: string): boolean => text.length >= SHORTEST_HEADER_SECRET
