// The document of `GET /api/state`: everything that an operator's first page shows, in one answer. Types only, so that a
// page in a browser can import them. Times are RFC 3339 in UTC, durations and ages milliseconds, sizes bytes.

import type {FailureClass, Rung, Who} from '../../../foundation/errors/index.ts'

/**
 * `starting`: not ready, and nothing has failed. `ok`: a call would work now. `degraded`: calls work, something beside
 * them does not. `not_ready`: calls would fail. `stopping`: no new calls are taken.
 */
export type VerdictStatus = 'starting' | 'ok' | 'degraded' | 'not_ready' | 'stopping'

/** The one sentence, and whose turn it is. */
export interface VerdictDocument {
  readonly status: VerdictStatus
  /** A call would work now: `ok` or `degraded`, the same as a 200 of `/readyz`. */
  readonly ok: boolean
  /** When this verdict came to hold. */
  readonly since: string
  /** What it is about: `daemon`, `oauth`, `control_plane`, `mcp:<channel>`; null while all is well. */
  readonly subject: string | null
  readonly failure_class: FailureClass | null
  readonly rung: Rung | null
  /** Who has to act; empty when nobody has to. */
  readonly who: readonly Who[]
  /** Stable code of the class, `TC-CONNECT-REFUSED`. */
  readonly code: string | null
  /** Anchor in the documentation. */
  readonly docs: string | null
  readonly sentence: string
  /** One command or one step; null when there is nothing to do. */
  readonly next: string | null
}

/** `blocked`: a hop before it is broken, so nothing is known of it that counts. */
export type HopStatus = 'ok' | 'pending' | 'broken' | 'blocked' | 'unknown'

/** One hop on the way of a call: product → service → daemon → MCP server. */
export interface HopDocument {
  readonly id: 'product' | 'service' | 'daemon' | 'mcp'
  readonly status: HopStatus
  readonly evidence: string
  /** When the evidence came; null when there is none. */
  readonly at: string | null
}

/** How polling goes. */
export interface PollDocument {
  readonly state: 'pending' | 'accepted' | 'failing' | 'stale'
  readonly since: string
  /** A poll was answered, or accepted and held. */
  readonly last_success_at: string | null
  readonly last_success_age_ms: number | null
  readonly failure_class: FailureClass | null
  readonly message: string | null
  /** HTTP status of the failure, when there was one. */
  readonly status: number | null
  readonly mitigation: string | null
  /** In a row. */
  readonly failures: number
  /** Something on the way cuts idle requests: a shorter poll timeout avoids it. */
  readonly idle_cut: boolean
  /** Polls under way, and those of them whose answer is being read. */
  readonly open: number
  readonly reading: number
  /** While polling pauses, mostly because it failed: when it goes on. */
  readonly retry_at: string | null
}

/** How a channel stands. */
export type ChannelVerdict = 'pending' | 'ok' | 'auth_required' | 'timeout' | 'failed'

/** The process behind a stdio channel. */
export interface ChildDocument {
  /** `running`: there is one. `restarting`: it has ended and comes back. `gone`: it does not. */
  readonly state: 'running' | 'restarting' | 'gone'
  readonly pid: number | null
  /** 32 hex digits, new with every process: the same as `child_generation` of `/health/mcp`. */
  readonly generation: string | null
  readonly restarts: number
  /** Last lines of its stderr, scrubbed. */
  readonly stderr: readonly string[]
}

/** One channel. */
export interface ChannelDocument {
  readonly name: string
  /** `http-streamable`, `stdio`, `in-memory`, or a transport that was added. */
  readonly transport: string
  /** Address without user, password and query; the program without its arguments. */
  readonly target: string
  /** Whether its commands are polled. */
  readonly enabled: boolean
  /** Readiness depends on it. */
  readonly gates: boolean
  readonly verdict: ChannelVerdict
  readonly since: string
  /** When the server was last heard; null: never. */
  readonly last_life_at: string | null
  readonly failure_class: FailureClass | null
  readonly rung: Rung | null
  readonly who: readonly Who[]
  readonly code: string | null
  readonly message: string | null
  /** What the server said of itself. */
  readonly server: {readonly name: string; readonly version: string; readonly protocol_version: string} | null
  /** Calls that wait and calls that run, against their limits. */
  readonly lane: {
    readonly queued: number
    readonly running: number
    readonly queue_limit: number
    readonly run_limit: number
  }
  readonly child: ChildDocument | null
  /** Of the last five minutes; percentiles are null without a call. */
  readonly recent: {
    readonly calls: number
    readonly failures: number
    readonly p50_ms: number | null
    readonly p95_ms: number | null
  }
}

/** Who this daemon is. */
export interface IdentityDocument {
  readonly tunnel_id: string
  /** As the service names it; null until it has. */
  readonly tunnel_name: string | null
  readonly tunnel_description: string | null
  /** The id that the service answered with, when it is another one. */
  readonly foreign_tunnel_id: string | null
  readonly profile: string | null
  readonly config_source: string
  readonly service: string
  readonly version: string
  readonly instance_id: string
  readonly host: string
  readonly user: string
  readonly pid: number
  readonly supervisor_pid: number
  readonly node: string
  readonly started_at: string
  readonly uptime_ms: number
  readonly operator_url: string | null
}

/** What bounds the work. */
export interface LimitsDocument {
  readonly max_inflight: number
  readonly max_concurrent_requests: number
  readonly connection_max_ttl_ms: number
  readonly poll_timeout_ms: number
  readonly poll_deadline_guardrail_ms: number
  readonly drain_timeout_ms: number
}

/** Something that works and still deserves a look. */
export interface WarningDocument {
  /** Stable: `proxy_ignored`, `idle_cut`, `max_inflight_binds`, `event_loop_lag`, `surface_open`, `metadata_failed` … */
  readonly id: string
  readonly message: string
  readonly next: string | null
  readonly since: string
}

/** A change of the verdict, newest last. */
export interface ChangeDocument {
  readonly at: string
  readonly from: VerdictStatus | null
  readonly to: VerdictStatus
  readonly subject: string | null
  readonly failure_class: FailureClass | null
  readonly sentence: string
}

/** A call that did not end well, newest last. No payload. */
export interface FailedCallDocument {
  readonly id: string
  readonly at: string
  readonly channel: string
  readonly method: string | null
  readonly outcome: string
  readonly status: number | null
  readonly failure_class: FailureClass | null
}

/** The whole. */
export interface StateDocument {
  readonly schema_version: 1
  /** When this was read. */
  readonly at: string
  /** Events after this one came later: `GET /api/stream?after=<it>` continues without a hole. */
  readonly stream_id: string
  readonly verdict: VerdictDocument
  /** The exact answer of `/readyz`. */
  readonly readyz: {readonly status: 200 | 503; readonly body: string}
  readonly hops: readonly HopDocument[]
  readonly poll: PollDocument
  readonly channels: readonly ChannelDocument[]
  readonly identity: IdentityDocument
  readonly limits: LimitsDocument
  readonly warnings: readonly WarningDocument[]
  readonly totals: {
    readonly polled: number
    readonly delivered: number
    readonly undelivered: number
    readonly duplicates: number
    readonly notifications_dropped: number
    /** Answers on their way to the service. */
    readonly posting: number
    /** Calls that were taken and are not answered yet. */
    readonly in_flight: number
  }
  readonly process: {
    readonly rss_bytes: number
    readonly event_loop_lag_ms: number
    readonly stream_readers: number
  }
  readonly changes: readonly ChangeDocument[]
  readonly failures: readonly FailedCallDocument[]
}
