// A relay between a scripted control plane and fake channels, over the real HTTP door.

import {onTestFinished} from 'vitest'
import {
  createHttpDoor,
  type LogAttrs,
  type Logger,
  type LogLevel,
  Secret,
  systemClock,
} from '../../src/foundation/platform/index.ts'
import {type ControlPlaneClient, createControlPlaneClient} from '../../src/tunnel/control-plane/index.ts'
import {createRelay, type Relay, type RelayEvent, type RelayLimits} from '../../src/tunnel/relay/index.ts'
import {type FakeChannel, fakeChannel} from './fake-channel.ts'
import {type ScriptedControlPlane, scriptedControlPlane} from './scripted-control-plane.ts'

/** One log record. */
export interface Logged {
  readonly level: LogLevel
  readonly message: string
  readonly attrs: LogAttrs
}

/** A logger that keeps what it is told. */
export function keepingLogger(records: Logged[], bound: LogAttrs = {}): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, attrs: LogAttrs = {}) => {
      records.push({level, message, attrs: {...bound, ...attrs}})
    }
  return {
    enabled: () => true,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (attrs) => keepingLogger(records, {...bound, ...attrs}),
  }
}

/** Everything that a relay test holds. */
export interface RelayRig {
  readonly plane: ScriptedControlPlane
  readonly channel: FakeChannel
  readonly client: ControlPlaneClient
  readonly relay: Relay
  readonly events: RelayEvent[]
  readonly logs: Logged[]
  logged(message: string): Logged[]
}

/** Builds one for the running test; nothing polls before `rig.relay.start()`. */
export async function relayRig(
  options: {
    readonly channels?: readonly FakeChannel[]
    readonly limits?: Partial<RelayLimits>
    readonly plane?: ScriptedControlPlane
    readonly pollChannels?: readonly string[]
    readonly extraHeaders?: Readonly<Record<string, string>>
  } = {},
): Promise<RelayRig> {
  const plane = options.plane ?? (await scriptedControlPlane())
  const channels = options.channels ?? [fakeChannel()]
  const limits: RelayLimits = {
    maxInflight: 20,
    maxConcurrentRequests: 10,
    connectionMaxTtl: 600_000,
    pollTimeout: 30_000,
    pollDeadlineGuardrail: 5_000,
    ...options.limits,
  }
  const logs: Logged[] = []
  const log = keepingLogger(logs)
  const door = createHttpDoor({clock: systemClock})
  const client = createControlPlaneClient({
    destination: door.destination({name: 'control_plane', origin: plane.origin}),
    urlPath: '',
    tunnelId: 'tunnel_test',
    organizationId: null,
    apiKey: new Secret('sk-test'),
    extraHeaders: Object.entries(options.extraHeaders ?? {}).map(([name, value]) => ({name, value: new Secret(value)})),
    pollChannels: options.pollChannels ?? null,
    pollTimeout: limits.pollTimeout,
    pollDeadlineGuardrail: limits.pollDeadlineGuardrail,
    version: '1.2.3',
    instanceId: '0'.repeat(32),
    serverInfo: () => '{"version":1,"channels":[{"name":"main"}]}',
    clock: systemClock,
    log,
  })
  const events: RelayEvent[] = []
  const relay = createRelay({
    client,
    channels: {get: (name) => channels.find((channel) => channel.name === name), list: () => channels},
    limits,
    clock: systemClock,
    log,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(async () => {
    await relay.stop()
    await door.close()
    await plane.close()
  })
  return {
    plane,
    channel: channels[0]!,
    client,
    relay,
    events,
    logs,
    logged: (message) => logs.filter((record) => record.message === message),
  }
}

/** A JSON-RPC call as a command. */
export function callCommand(
  requestId: string,
  options: {
    readonly id?: unknown
    readonly method?: string
    readonly params?: unknown
    readonly session?: string
    readonly channel?: string
    readonly timeout?: string
    readonly headers?: Readonly<Record<string, string[]>>
  } = {},
): object {
  const {id = requestId, method = 'tools/call', params = {}, session, channel, timeout} = options
  return {
    request_id: requestId,
    shard_token: `shard-${requestId}`,
    command_type: 'jsonrpc',
    ...(channel === undefined ? {} : {channel}),
    ...(timeout === undefined ? {} : {response_timeout: timeout}),
    created_at: new Date().toISOString(),
    headers: {...options.headers, ...(session === undefined ? {} : {'Mcp-Session-Id': [session]})},
    jsonrpc: {jsonrpc: '2.0', ...(id === null ? {} : {id}), method, params},
  }
}

/** A JSON-RPC notification as a command. */
export const notificationCommand = (
  requestId: string,
  options: {readonly method?: string; readonly params?: unknown; readonly session?: string} = {},
): object => callCommand(requestId, {method: 'notifications/initialized', ...options, id: null})
