// Every metric of the daemon under the reference's names, with label values from fixed sets: what comes from the wire
// (channels, methods) is counted under its own name only when we know that name.

import {type Exposition, expose} from './exposition.ts'
import {processSeries} from './process-series.ts'
import {counter, gauge, histogram} from './series.ts'

/** Figures that are read when somebody scrapes. */
export interface MetricsSource {
  queue(): {readonly length: number; readonly capacity: number}
  workers(): {readonly occupancy: number; readonly capacity: number}
  /** Milliseconds since the epoch; null before the first success. */
  lastPollSuccessWall(): number | null
  ready(): boolean
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

/** All series of one daemon, at zero. `channels` are the names that may appear as label values. */
export function createDaemonMetrics(options: {
  readonly tunnelId: string
  readonly channels: readonly string[]
  readonly source: MetricsSource
}): DaemonMetrics {
  const {source, tunnelId} = options
  const channels = new Set(options.channels)
  const polled = counter({name: 'commands_polled_total', help: 'Commands received from the control plane'})
  const enqueued = counter({name: 'commands_enqueued_total', help: 'Commands taken into the queue'})
  const cycles = counter({name: 'commands_poll_cycles_total', help: 'Polls started'})
  const latency = histogram({
    name: 'commands_poll_latency_seconds',
    help: 'How long polls took, in seconds',
    bounds: SECONDS,
  })
  const pollErrors = counter({name: 'commands_poll_errors_total', help: 'Polls that failed', labelled: true})
  const drops = counter({name: 'commands_queue_drops_total', help: 'Commands that were not run', labelled: true})
  const age = histogram({
    name: 'commands_age_seconds',
    help: 'Age of commands when they were received, in seconds',
    bounds: AGE_SECONDS,
  })
  const endToEnd = histogram({
    name: 'command_end_to_end_latency_milliseconds',
    help: 'Time until the answer to a command was delivered, in milliseconds',
    bounds: MILLISECONDS,
  })
  const unsupported = counter({
    name: 'command_unsupported_channel_total',
    help: 'Commands for channels that do not exist here',
    labelled: true,
  })
  const gauges = [
    gauge({
      name: 'commands_poll_last_successful_timestamp_seconds',
      help: 'When a poll was last accepted or answered, in seconds since the epoch; 0 before the first',
      read: () => Math.floor((source.lastPollSuccessWall() ?? 0) / 1000),
    }),
    gauge({name: 'commands_queue_capacity', help: 'Commands that may wait', read: () => source.queue().capacity}),
    gauge({name: 'commands_queue_length', help: 'Commands that wait', read: () => source.queue().length}),
    gauge({
      name: 'dispatcher_worker_pool_capacity',
      help: 'Calls that may run at once',
      read: () => source.workers().capacity,
    }),
    gauge({name: 'dispatcher_worker_pool_occupancy', help: 'Calls that run', read: () => source.workers().occupancy}),
    gauge({name: 'liveness', help: '1 while the daemon lives', read: () => 1}),
    gauge({name: 'readiness', help: '1 when /readyz answers 200', read: () => (source.ready() ? 1 : 0)}),
  ]
  const all = [polled, enqueued, cycles, latency, pollErrors, drops, age, ...gauges, endToEnd, unsupported]
  const process = processSeries()
  const observe = (command: FinishedCommand, ms: number, latencyType: string): void => {
    const isRpc = command.requestKind === 'call' || command.requestKind === 'notification'
    endToEnd.observe(Math.round(ms), {
      request_kind: command.requestKind,
      ...(isRpc ? {request_method: METHODS.has(command.method ?? '') ? (command.method as string) : 'other'} : {}),
      channel: channels.has(command.channel) ? command.channel : 'other',
      tunnel_id: tunnelId,
      tunnel_service_status: command.status,
      latency_type: latencyType,
    })
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
    expose: () => expose([...all, ...process]),
  }
}
