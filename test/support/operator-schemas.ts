// The documents of the operator API as strict schemas, which are compared with their types when they are compiled: a member
// that only one of the two knows is an error there.

import {z} from 'zod'
import {FAILURES, type FailureClass, RUNGS} from '../../src/foundation/errors/index.ts'
import type {
  HealthDocument,
  LogEventDocument,
  McpHealthDocument,
  SeriesDocument,
  StateDocument,
} from '../../src/tunnel/ops/index.ts'

const time = z.iso.datetime()
const seconds = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
const failure = z.enum(Object.keys(FAILURES) as [FailureClass, ...FailureClass[]])
const rung = z.enum(RUNGS)
const who = z.array(z.enum(['you', 'it', 'service', 'mcp_vendor']))
const status = z.enum(['starting', 'ok', 'degraded', 'not_ready', 'stopping'])
const count = z.int().min(0)
const change = z.strictObject({
  at: time,
  from: status.nullable(),
  to: status,
  subject: z.string().nullable(),
  failure_class: failure.nullable(),
  sentence: z.string(),
})

/** `GET /api/state`. */
export const stateSchema = z.strictObject({
  schema_version: z.literal(1),
  at: time,
  stream_id: z.string().regex(/^[0-9a-f]{12}-\d+$/),
  verdict: z.strictObject({
    status,
    ok: z.boolean(),
    since: time,
    subject: z.string().nullable(),
    failure_class: failure.nullable(),
    rung: rung.nullable(),
    who,
    code: z.string().nullable(),
    docs: z.string().nullable(),
    sentence: z.string(),
    next: z.string().nullable(),
  }),
  readyz: z.strictObject({status: z.literal([200, 503]), body: z.string()}),
  hops: z.array(
    z.strictObject({
      id: z.enum(['product', 'service', 'daemon', 'mcp']),
      status: z.enum(['ok', 'pending', 'broken', 'blocked', 'unknown']),
      evidence: z.string(),
      at: time.nullable(),
    }),
  ),
  poll: z.strictObject({
    state: z.enum(['pending', 'accepted', 'failing', 'stale']),
    since: time,
    last_success_at: time.nullable(),
    last_success_age_ms: count.nullable(),
    failure_class: failure.nullable(),
    message: z.string().nullable(),
    status: z.int().nullable(),
    mitigation: z.string().nullable(),
    failures: count,
    idle_cut: z.boolean(),
    open: count,
    reading: count,
    retry_at: time.nullable(),
  }),
  channels: z.array(
    z.strictObject({
      name: z.string(),
      transport: z.enum(['http-streamable', 'stdio', 'in-memory']),
      target: z.string(),
      enabled: z.boolean(),
      gates: z.boolean(),
      verdict: z.enum(['pending', 'ok', 'auth_required', 'timeout', 'failed']),
      since: time,
      last_life_at: time.nullable(),
      failure_class: failure.nullable(),
      rung: rung.nullable(),
      who,
      code: z.string().nullable(),
      message: z.string().nullable(),
      server: z.strictObject({name: z.string(), version: z.string(), protocol_version: z.string()}).nullable(),
      lane: z.strictObject({queued: count, running: count, queue_limit: count, run_limit: count}),
      child: z
        .strictObject({
          state: z.enum(['running', 'restarting', 'gone']),
          pid: z.int().nullable(),
          generation: z
            .string()
            .regex(/^[0-9a-f]{32}$/)
            .nullable(),
          restarts: count,
          stderr: z.array(z.string().max(500)),
        })
        .nullable(),
      recent: z.strictObject({
        calls: count,
        failures: count,
        p50_ms: z.number().nullable(),
        p95_ms: z.number().nullable(),
      }),
    }),
  ),
  identity: z.strictObject({
    tunnel_id: z.string(),
    tunnel_name: z.string().nullable(),
    tunnel_description: z.string().nullable(),
    foreign_tunnel_id: z.string().nullable(),
    profile: z.string().nullable(),
    config_source: z.string(),
    service: z.string(),
    version: z.string(),
    instance_id: z.string(),
    host: z.string(),
    user: z.string(),
    pid: count,
    supervisor_pid: count,
    node: z.string(),
    started_at: time,
    uptime_ms: count,
    operator_url: z.string().nullable(),
  }),
  limits: z.strictObject({
    max_inflight: count,
    max_concurrent_requests: count,
    connection_max_ttl_ms: count,
    poll_timeout_ms: count,
    poll_deadline_guardrail_ms: count,
    drain_timeout_ms: count,
  }),
  warnings: z.array(z.strictObject({id: z.string(), message: z.string(), next: z.string().nullable(), since: time})),
  totals: z.strictObject({
    polled: count,
    delivered: count,
    undelivered: count,
    duplicates: count,
    notifications_dropped: count,
    posting: count,
    in_flight: count,
  }),
  process: z.strictObject({rss_bytes: count, event_loop_lag_ms: count, stream_readers: count}),
  changes: z.array(change),
  failures: z.array(
    z.strictObject({
      id: z.string(),
      at: time,
      channel: z.string(),
      method: z.string().nullable(),
      outcome: z.string(),
      status: z.int().nullable(),
      failure_class: failure.nullable(),
    }),
  ),
}) satisfies z.ZodType<StateDocument>

const column = z.array(z.number().nullable())

/** `GET /api/series`. */
export const seriesSchema = z.strictObject({
  schema_version: z.literal(1),
  range: z.enum(['15m', '1h', '24h']),
  step_ms: z.literal([5000, 60_000]),
  from_ms: count,
  slots: count,
  columns: z.strictObject({
    answered: column,
    error: column,
    refused: column,
    cancelled: column,
    expired: column,
    undelivered: column,
    aborted: column,
    p50_ms: column,
    p95_ms: column,
    p99_ms: column,
    queued: column,
    running: column,
    poll_age_ms: column,
    rss_bytes: column,
    event_loop_lag_ms: column,
  }),
  limits: z.strictObject({queue: count, running: count}),
  changes: z.array(change),
}) satisfies z.ZodType<SeriesDocument>

/** `data:` of an `event` of the stream. */
export const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('log'),
    seq: count,
    at: time,
    level: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
    message: z.string(),
    attrs: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    kind: z.literal('lifecycle'),
    at: time,
    name: z.enum(['verdict', 'end']),
    from: z.string().nullable(),
    to: z.string().nullable(),
    sentence: z.string(),
  }),
]) satisfies z.ZodType<LogEventDocument>

const component = {
  status: z.enum(['ok', 'degraded', 'unknown', 'disabled']),
  state: z.string(),
  reason_code: z.string().exactOptional(),
  limited: z.boolean().exactOptional(),
  observed_at: seconds.exactOptional(),
}

/** `GET /health`. */
export const healthSchema = z.strictObject({
  schema_version: z.literal(1),
  live: z.literal(true),
  ready: z.boolean(),
  snapshot_at: seconds,
  runtime: z.strictObject({
    instance_id: z.string(),
    version: z.string(),
    flavor: z.literal('full'),
    started_at: seconds,
    uptime_seconds: count,
    lifecycle: z.enum(['starting', 'running', 'draining']),
  }),
  components: z.record(z.string(), z.strictObject({...component, details: z.unknown()})).exactOptional(),
}) satisfies z.ZodType<HealthDocument>

const introduction = {
  ok: z.boolean(),
  limited: z.boolean(),
  observed_at: seconds.exactOptional(),
  server_name: z.string().exactOptional(),
  server_version: z.string().exactOptional(),
  capability_names: z.array(z.string()).exactOptional(),
}

/** `GET /health/mcp`. */
export const mcpHealthSchema = z.strictObject({
  schema_version: z.literal(1),
  snapshot_at: seconds,
  component: z.literal('mcp'),
  ...component,
  details: z.strictObject({
    channel: z.string(),
    transport: z.enum(['http-streamable', 'stdio', 'in-memory']),
    child_state: z.enum(['running', 'restarting', 'gone']).exactOptional(),
    child_generation: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .exactOptional(),
    initialize_epoch: count,
    server_discover_epoch: count.exactOptional(),
    evidence: z.enum(['same_child', 'same_endpoint', 'same_process']),
    liveness: z.strictObject({ok: z.boolean(), observed_at: seconds.exactOptional()}),
    initialize: z.strictObject({
      ...introduction,
      identity_complete: z.boolean(),
      protocol_version: z.string().exactOptional(),
    }),
    server_discover: z
      .strictObject({...introduction, protocol_versions: z.array(z.string()).exactOptional()})
      .exactOptional(),
    tools_list: z.strictObject({
      ok: z.boolean(),
      observed_at: seconds.exactOptional(),
      tool_names: z.array(z.string()).max(256).exactOptional(),
      retained_count: count,
      complete: z.boolean(),
      partial: z.boolean(),
      limited: z.boolean(),
    }),
  }),
}) satisfies z.ZodType<McpHealthDocument>
