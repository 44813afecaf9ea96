// Every metric of the daemon under the reference's names, with label values from fixed sets: what comes from the wire
// (channels, methods) is counted under its own name only when we know that name.

import {STATUS_CODES} from 'node:http'
import type {FailureClass} from '../../../foundation/errors/index.ts'
import {type Exposition, expose} from './exposition.ts'
import {processSeries} from './process-series.ts'
import {counter, histogram, pairCounter, reading, type Series} from './series.ts'

/** Figures that are read when somebody scrapes. */
export interface MetricsSource {
  queue(): {readonly length: number; readonly capacity: number}
  workers(): {readonly occupancy: number; readonly capacity: number}
  /** Milliseconds since the epoch; null before the first success. */
  lastPollSuccessWall(): number | null
  /** Milliseconds since the epoch. */
  wall(): number
  ready(): boolean
  pollsOpen(): number
  channels(): readonly ChannelFigures[]
  streamReaders(): number
  /** The longest delay of a timer within the last minute, in milliseconds. */
  loopLag(): number
}

/** Figures of one channel. */
export interface ChannelFigures {
  readonly name: string
  readonly queued: number
  readonly running: number
  readonly ready: boolean
  /** Null where there is no process. */
  readonly restarts: number | null
}

/** Labels of one delivered answer. */
export interface FinishedCommand {
  readonly requestKind: 'call' | 'notification' | 'session_termination' | 'oauth_discovery'
  readonly method: string | null
  readonly channel: string
  readonly status: number
  readonly pollToResponseMs: number
  readonly enqueueToResponseMs: number | null
}

/** What the daemon feeds as things happen. */
export interface DaemonMetrics {
  pollStarted(): void
  pollFinished(poll: {
    readonly latencyMs: number
    readonly errorKind: 'timeout' | 'context_canceled' | 'other' | null
  }): void
  commandsPolled(count: {readonly polled: number; readonly enqueued: number}): void
  commandAge(ms: number): void
  commandDropped(reason: 'invalid_command_type' | 'context_canceled' | 'queue_full' | 'duplicate'): void
  unsupportedChannel(commandType: string): void
  commandFinished(command: FinishedCommand): void
  /** A call is over. */
  callEnded(call: {readonly channel: string; readonly outcome: string; readonly failure: FailureClass | null}): void
  pollFailing(failure: FailureClass): void
  responsePosted(outcome: string): void
  notificationsDropped(channel: string, count: number): void
  expose(): Promise<Exposition>
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60]
const AGE_SECONDS = [...SECONDS, 120, 300, 600]
const MILLISECONDS = [
  1, 2.5, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000, 30_000, 60_000, 600_000,
]

/** Methods of MCP. Anything else is counted as `other`. */
const METHODS = new Set(
  `initialize ping server/discover tools/list tools/call prompts/list prompts/get resources/list resources/read
  resources/templates/list resources/subscribe resources/unsubscribe completion/complete logging/setLevel
  tasks/get tasks/list tasks/result tasks/cancel tasks/update subscriptions/listen notifications/initialized
  notifications/cancelled notifications/progress notifications/roots/list_changed`.split(/\s+/),
)

const COMMAND_TYPES = new Set(['jsonrpc', 'oauth_discovery', 'session_termination'])

/** Statuses that have a name; a server may make up others without end. */
const STATUSES: ReadonlySet<number> = new Set(Object.keys(STATUS_CODES).map(Number))

/** All series of one daemon, at zero. `channels` are the names that may appear as label values. */
export function createDaemonMetrics(options: {
  readonly tunnelId: string
  readonly version: string
  readonly channels: readonly string[]
  readonly source: MetricsSource
}): DaemonMetrics {
  const {source, tunnelId, version} = options
  const channels = new Set(options.channels)
  const known = (channel: string): string => (channels.has(channel) ? channel : 'other')
  const polled = counter('commands_polled_total')
  const enqueued = counter('commands_enqueued_total')
  const cycles = counter('commands_poll_cycles_total')
  const latency = histogram('commands_poll_latency_seconds', SECONDS)
  const pollErrors = counter('commands_poll_errors_total')
  const drops = counter('commands_queue_drops_total')
  const age = histogram('commands_age_seconds', AGE_SECONDS)
  const endToEnd = histogram('command_end_to_end_latency_milliseconds', MILLISECONDS)
  const unsupported = counter('command_unsupported_channel_total')
  const calls = pairCounter('tunnel_client_calls_total')
  const failures = pairCounter('tunnel_client_failures_total')
  const pollFailures = counter('tunnel_client_poll_failures_total')
  const responses = counter('tunnel_client_responses_total')
  const dropped = counter('tunnel_client_notifications_dropped_total')
  const all = [
    reading('liveness', () => 1),
    reading('readiness', () => (source.ready() ? 1 : 0)),
    polled,
    enqueued,
    cycles,
    latency,
    pollErrors,
    drops,
    age,
    reading('commands_poll_last_successful_timestamp_seconds', () =>
      Math.floor((source.lastPollSuccessWall() ?? 0) / 1000),
    ),
    reading('commands_queue_capacity', () => source.queue().capacity),
    reading('commands_queue_length', () => source.queue().length),
    reading('dispatcher_worker_pool_capacity', () => source.workers().capacity),
    reading('dispatcher_worker_pool_occupancy', () => source.workers().occupancy),
    endToEnd,
    unsupported,
    calls,
    failures,
    pollFailures,
    responses,
    dropped,
    ...ownReadings(source, version),
    ...processSeries(),
  ]
  const observers = new Map<string, (ms: number) => void>()
  /** Every call comes through here twice, and nearly always with labels that are known. */
  const observe = (command: FinishedCommand, ms: number, latencyType: string): void => {
    const {requestKind} = command
    const isRpc = requestKind === 'call' || requestKind === 'notification'
    const method = isRpc ? (METHODS.has(command.method ?? '') ? (command.method as string) : 'other') : ''
    const channel = known(command.channel)
    const status = STATUSES.has(command.status) ? command.status : 'other'
    const key = `${requestKind} ${method} ${channel} ${status} ${latencyType}`
    let sort = observers.get(key)
    if (sort === undefined) {
      sort = endToEnd.observer({
        request_kind: requestKind,
        ...(isRpc ? {request_method: method} : {}),
        channel,
        tunnel_id: tunnelId,
        tunnel_service_status: status,
        latency_type: latencyType,
      })
      observers.set(key, sort)
    }
    sort(Math.round(ms))
  }
  return {
    pollStarted: () => cycles.add(),
    pollFinished: ({latencyMs, errorKind}) => {
      latency.observe(latencyMs / 1000, {error: String(errorKind !== null)})
      if (errorKind !== null) pollErrors.add(1, {error_kind: errorKind})
    },
    commandsPolled: (count) => {
      polled.add(count.polled)
      enqueued.add(count.enqueued)
    },
    commandAge: (ms) => age.observe(ms / 1000),
    commandDropped: (reason) => drops.add(1, {drop_reason: reason}),
    unsupportedChannel: (commandType) =>
      unsupported.add(1, {
        tunnel_id: tunnelId,
        channel: 'other',
        command_type: COMMAND_TYPES.has(commandType) ? commandType : 'unknown',
      }),
    commandFinished: (command) => {
      observe(command, command.pollToResponseMs, 'poll_to_response')
      if (command.enqueueToResponseMs !== null) observe(command, command.enqueueToResponseMs, 'enqueue_to_response')
    },
    callEnded: ({channel, outcome, failure}) => {
      calls.add(known(channel), outcome)
      if (failure !== null && outcome !== 'cancelled') failures.add(known(channel), failure)
    },
    pollFailing: (failure) => pollFailures.add(1, {failure_class: failure}),
    responsePosted: (outcome) => responses.add(1, {outcome}),
    notificationsDropped: (channel, count) => dropped.add(count, {channel: known(channel)}),
    expose: () => expose(all),
  }
}

/** What is read of this daemon beside the Go client's figures. */
function ownReadings(source: MetricsSource, version: string): Series[] {
  return [
    reading('tunnel_client_lane_depth', () =>
      source.channels().flatMap(({name, queued, running}) => [
        {labels: {channel: name, state: 'queued'}, value: queued},
        {labels: {channel: name, state: 'running'}, value: running},
      ]),
    ),
    reading('tunnel_client_channel_ready', () =>
      source.channels().map(({name, ready}) => ({labels: {channel: name}, value: ready ? 1 : 0})),
    ),
    reading('tunnel_client_child_restarts_total', () =>
      source
        .channels()
        .flatMap(({name, restarts}) => (restarts === null ? [] : [{labels: {channel: name}, value: restarts}])),
    ),
    reading('tunnel_client_poll_age_seconds', () => {
      const last = source.lastPollSuccessWall()
      return last === null ? [] : Math.max(0, source.wall() - last) / 1000
    }),
    reading('tunnel_client_polls_open', () => source.pollsOpen()),
    reading('tunnel_client_stream_readers', () => source.streamReaders()),
    reading('tunnel_client_event_loop_lag_seconds', () => source.loopLag() / 1000),
    reading('tunnel_client_build_info', () => [{labels: {version, node: process.version}, value: 1}]),
  ]
}
