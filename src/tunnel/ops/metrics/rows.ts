// Every metric as a row of plain data: the series are made from it, and so is the page in the documentation. Label values
// come from fixed sets; what a remote party names counts under its name only when we know that name.

/** What a label may say. */
interface LabelRow {
  readonly name: string
  /** For people: the set that its values come from. */
  readonly values: string
}

/** One metric. */
export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** For scrapers: one sentence without a full stop. */
  readonly help: string
  /** `go`: the Go client has it under this name, type and labels. `own`: it does not. `process`: every client library has it. */
  readonly origin: 'go' | 'own' | 'process'
  readonly labels: readonly LabelRow[]
}

const CHANNEL: LabelRow = {name: 'channel', values: 'configured channels, `other`'}
const TUNNEL: LabelRow = {name: 'tunnel_id', values: 'the tunnel of this daemon'}
const row = (
  type: MetricRow['type'],
  origin: MetricRow['origin'],
  help: string,
  ...labels: readonly LabelRow[]
): MetricRow => ({type, origin, help, labels})

/** All metrics by name, in the order of the page. */
export const METRICS = {
  liveness: row('gauge', 'go', '1 while the daemon lives'),
  readiness: row('gauge', 'go', '1 when /readyz answers 200'),
  commands_polled_total: row('counter', 'go', 'Commands received from the control plane'),
  commands_enqueued_total: row('counter', 'go', 'Commands taken into the queue'),
  commands_poll_cycles_total: row('counter', 'go', 'Polls started'),
  commands_poll_latency_seconds: row('histogram', 'go', 'How long polls took, in seconds', {
    name: 'error',
    values: '`true`, `false`',
  }),
  commands_poll_errors_total: row('counter', 'go', 'Polls that failed', {
    name: 'error_kind',
    values: '`timeout`, `context_canceled`, `other`',
  }),
  commands_queue_drops_total: row('counter', 'go', 'Commands that were not run', {
    name: 'drop_reason',
    values: '`invalid_command_type`, `context_canceled`, `queue_full`, `duplicate`',
  }),
  commands_age_seconds: row('histogram', 'go', 'Age of commands when they were received, in seconds'),
  commands_poll_last_successful_timestamp_seconds: row(
    'gauge',
    'go',
    'When a poll was last accepted or answered, in seconds since the epoch; 0 before the first',
  ),
  commands_queue_capacity: row('gauge', 'go', 'Commands that may wait'),
  commands_queue_length: row('gauge', 'go', 'Commands that wait'),
  dispatcher_worker_pool_capacity: row('gauge', 'go', 'Calls that may run at once'),
  dispatcher_worker_pool_occupancy: row('gauge', 'go', 'Calls that run'),
  command_end_to_end_latency_milliseconds: row(
    'histogram',
    'go',
    'Time until the answer to a command was delivered, in milliseconds',
    {name: 'request_kind', values: '`call`, `notification`, `session_termination`, `oauth_discovery`'},
    {name: 'request_method', values: 'methods of MCP, `other`; only for JSON-RPC'},
    CHANNEL,
    TUNNEL,
    {name: 'tunnel_service_status', values: 'registered HTTP statuses, `other`'},
    {name: 'latency_type', values: '`poll_to_response`, `enqueue_to_response`'},
  ),
  command_unsupported_channel_total: row(
    'counter',
    'go',
    'Commands for channels that do not exist here',
    TUNNEL,
    {name: 'channel', values: '`other`: the name came from outside'},
    {name: 'command_type', values: '`jsonrpc`, `oauth_discovery`, `session_termination`, `unknown`'},
  ),
  tunnel_client_calls_total: row('counter', 'own', 'Calls that are over, by how they ended', CHANNEL, {
    name: 'outcome',
    values: '`answered`, `error`, `refused`, `cancelled`, `expired`, `undelivered`, `aborted`',
  }),
  tunnel_client_failures_total: row('counter', 'own', 'Calls that ended with a failure, by its class', CHANNEL, {
    name: 'failure_class',
    values: 'the classes of [failures](failures.md)',
  }),
  tunnel_client_poll_failures_total: row(
    'counter',
    'own',
    'Times that polling went into a failing state, by its class',
    {
      name: 'failure_class',
      values: 'the classes of [failures](failures.md)',
    },
  ),
  tunnel_client_responses_total: row('counter', 'own', 'Answers on their way to the control plane, by their fate', {
    name: 'outcome',
    values: '`delivered`, `unknown`, `refused`, `failed`, `aborted`',
  }),
  tunnel_client_notifications_dropped_total: row(
    'counter',
    'own',
    'Progress notifications that were left out because the service took them too slowly',
    CHANNEL,
  ),
  tunnel_client_lane_depth: row('gauge', 'own', 'Calls of a channel, waiting and running', CHANNEL, {
    name: 'state',
    values: '`queued`, `running`',
  }),
  tunnel_client_channel_ready: row('gauge', 'own', '1 when a call to this channel would work now', CHANNEL),
  tunnel_client_child_restarts_total: row('counter', 'own', 'Restarts of the process of a stdio channel', CHANNEL),
  tunnel_client_poll_age_seconds: row('gauge', 'own', 'Time since a poll was last accepted or answered; absent before'),
  tunnel_client_polls_open: row('gauge', 'own', 'Polls under way'),
  tunnel_client_stream_readers: row('gauge', 'own', 'Readers of /api/stream'),
  tunnel_client_event_loop_lag_seconds: row('gauge', 'own', 'The longest delay of a timer within the last minute'),
  tunnel_client_build_info: row(
    'gauge',
    'own',
    'Always 1',
    {name: 'version', values: 'of this program'},
    {name: 'node', values: 'version of Node'},
  ),
  process_cpu_seconds_total: row('counter', 'process', 'User and system CPU time spent, in seconds'),
  process_resident_memory_bytes: row('gauge', 'process', 'Resident memory, in bytes'),
  process_start_time_seconds: row('gauge', 'process', 'Start of the process, in seconds since the epoch'),
  process_open_fds: row('gauge', 'process', 'Open file descriptors; 0 where that cannot be known'),
  process_max_fds: row('gauge', 'process', 'Limit of open file descriptors; absent where that cannot be known'),
  nodejs_heap_size_used_bytes: row('gauge', 'process', 'JavaScript heap in use, in bytes'),
} as const satisfies Record<string, MetricRow>

/** Name of a metric. */
export type MetricName = keyof typeof METRICS
