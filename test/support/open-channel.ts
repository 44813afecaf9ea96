// Opens channels for tests and makes calls on them, with everything that came back in the order it came.

import {onTestFinished} from 'vitest'
import {
  createHttpDoor,
  type HttpDoor,
  type LogAttrs,
  type Logger,
  systemClock,
} from '../../src/foundation/platform/index.ts'
import {readRpcMessage} from '../../src/foundation/wire/index.ts'
import type {
  Channel,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  ChannelsOptions,
  ServerRequest,
  UpstreamHead,
} from '../../src/tunnel/channels/index.ts'
import {createChannels} from '../../src/tunnel/channels/index.ts'
import {type RawAnswer, type RawHttpServer, startRawHttpServer} from './servers/raw-http-server.ts'

/** One record that was logged. */
export interface Logged {
  readonly level: string
  readonly message: string
  readonly attrs: LogAttrs
}

/** A logger that remembers. */
export function rememberingLog(): {log: Logger; records: Logged[]} {
  const records: Logged[] = []
  const at =
    (level: string, bound: LogAttrs) =>
    (message: string, attrs: LogAttrs = {}): void => {
      records.push({level, message, attrs: {...bound, ...attrs}})
    }
  const make = (bound: LogAttrs): Logger => ({
    enabled: () => true,
    debug: at('debug', bound),
    info: at('info', bound),
    warn: at('warn', bound),
    error: at('error', bound),
    child: (attrs) => make({...bound, ...attrs}),
  })
  return {log: make({}), records}
}

/** What one call got. */
export interface Outcome {
  readonly notifications: string[]
  readonly response?: string
  readonly accepted?: UpstreamHead
  readonly failure?: ChannelFailure
  readonly head?: UpstreamHead
  /** How often the sink was settled: anything but 1 is a defect. */
  readonly settled: number
}

/** A running call. */
export interface Running {
  readonly done: Promise<Outcome>
  readonly notifications: string[]
  /** What the server asked the caller; see `canBeAsked`. */
  readonly questions: ServerRequest[]
  readonly handle: ChannelHandle
}

/** Starts one call; `message` goes out byte for byte. `canBeAsked`: its caller can answer requests of the server. */
export function start(
  channel: Channel,
  message: string | Buffer,
  headers: readonly string[] = [],
  {canBeAsked = false}: {readonly canBeAsked?: boolean} = {},
): Running {
  const notifications: string[] = []
  const questions: ServerRequest[] = []
  let settled = 0
  let handle: ChannelHandle | null = null
  const done = new Promise<Outcome>((resolve) => {
    const settle = (how: Partial<Outcome>): void => {
      settled++
      // One turn later, so that a second settlement would be seen.
      setImmediate(() => resolve({notifications, settled, ...how}))
    }
    const sink: ChannelSink = {
      onNotification: (raw) => notifications.push(raw.toString()),
      onServerRequest: (question) => questions.push(question),
      onResponse: (raw, head) => settle({response: raw.toString(), head}),
      onAccepted: (accepted) => settle({accepted}),
      onFailure: (failure) => settle({failure}),
    }
    handle = channel.send(
      {
        requestId: 'r',
        message: readRpcMessage(Buffer.from(message)),
        headers,
        deadline: null,
        serverRequests: canBeAsked,
      },
      sink,
    )
  })
  return {done, notifications, questions, handle: handle!}
}

/** One call to its end. */
export const call = (channel: Channel, message: string | Buffer, headers: readonly string[] = []): Promise<Outcome> =>
  start(channel, message, headers).done

/** Channels with a door and a log of their own. */
export interface Opened {
  readonly channels: Channel[]
  readonly channel: Channel
  readonly records: Logged[]
  readonly door: HttpDoor
  close(): Promise<void>
}

/** Makes channels; the first one is `channel`. Nothing is started. */
export function openChannels(options: Pick<ChannelsOptions, 'bindings'> & Partial<ChannelsOptions>): Opened {
  const door = createHttpDoor()
  const {log, records} = rememberingLog()
  const channels = createChannels({
    door,
    log,
    clock: systemClock,
    identity: {name: 'tunnel-client-ts', version: '0.0.0'},
    stderr: {write: () => true},
    ...options,
  })
  const close = async (): Promise<void> => {
    await Promise.all(channels.map((channel) => channel.stop()))
    await door.close()
  }
  return {channels, channel: channels[0]!, records, door, close}
}

/** A `main` binding for an HTTP server. */
export const httpBinding = (url: URL, channel = 'main') =>
  ({kind: 'http', channel, url, unixSocket: null, clientCertificate: null}) as const

/** A `main` binding for a program. */
export const stdioBinding = (argv: readonly [string, ...string[]], channel = 'main') =>
  ({kind: 'stdio', channel, command: argv.map(shellQuoted).join(' '), argv}) as const

const shellQuoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`

/** A channel to a server of the test's own; both are closed when the test ends. */
export async function openHttpChannel(
  answer: RawAnswer,
  more: Partial<ChannelsOptions> = {},
  {port = 0}: {readonly port?: number} = {},
): Promise<Opened & {server: RawHttpServer}> {
  const server = await startRawHttpServer(answer, {port})
  onTestFinished(server.close)
  const opened = openChannels({bindings: [httpBinding(server.url)], ...more})
  onTestFinished(opened.close)
  return {...opened, server}
}
