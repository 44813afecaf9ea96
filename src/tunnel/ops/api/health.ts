// The documents of `/health` and `/health/<component>`, as the Go client's newer versions have them. Types only. Times are
// RFC 3339 in UTC.

/** What a component is worth. `unknown`: nothing has been observed that says either. */
export type HealthStatus = 'ok' | 'degraded' | 'unknown' | 'disabled'

/** One component; `details` are its own. */
export interface HealthComponent<Details = unknown> {
  readonly status: HealthStatus
  readonly state: string
  readonly reason_code?: string
  /** Something was left out of the details because of its size. */
  readonly limited?: boolean
  readonly observed_at?: string
  readonly details: Details
}

/** `GET /health`; `components` only with `?details=true`. */
export interface HealthDocument {
  readonly schema_version: 1
  readonly live: true
  /** `/readyz` answers 200. */
  readonly ready: boolean
  readonly snapshot_at: string
  readonly runtime: {
    readonly instance_id: string
    readonly version: string
    readonly flavor: 'full'
    readonly started_at: string
    readonly uptime_seconds: number
    readonly lifecycle: 'starting' | 'running' | 'draining'
  }
  readonly components?: Readonly<Record<string, HealthComponent>>
}

/** `GET /health/<component>`. */
export interface ComponentDocument<Details = unknown> extends HealthComponent<Details> {
  readonly schema_version: 1
  readonly snapshot_at: string
  readonly component: string
}

/** What the present server said of itself when a caller (or our handshake over HTTP) initialized it. */
export interface InitializeReceipt {
  readonly ok: boolean
  readonly identity_complete: boolean
  readonly limited: boolean
  readonly observed_at?: string
  readonly protocol_version?: string
  readonly server_name?: string
  readonly server_version?: string
  readonly capability_names?: readonly string[]
}

/** Tools that the present server listed. `complete`: from the first page to the last, and nothing left out. */
export interface ToolsReceipt {
  readonly ok: boolean
  readonly observed_at?: string
  readonly tool_names?: readonly string[]
  readonly retained_count: number
  readonly complete: boolean
  readonly partial: boolean
  readonly limited: boolean
}

/** What a server without sessions (2026-07-28) said of itself. */
export interface DiscoverReceipt {
  readonly ok: boolean
  readonly observed_at?: string
  readonly limited: boolean
  readonly protocol_versions?: readonly string[]
  readonly capability_names?: readonly string[]
  readonly server_name?: string
  readonly server_version?: string
}

/** Details of the component `mcp`: the channel `main`. */
export interface McpDetails {
  readonly channel: string
  /** `http-streamable`, `stdio`, `in-memory`, or a transport that was added. */
  readonly transport: string
  /** Of stdio only. */
  readonly child_state?: 'running' | 'restarting' | 'gone'
  /** New with every process, 32 hex digits. */
  readonly child_generation?: string
  /** Successful `initialize` exchanges of this process. */
  readonly initialize_epoch: number
  readonly server_discover_epoch?: number
  /** `same_child`: all of this was said by the process that runs now. `same_endpoint`: by whoever serves that address. */
  readonly evidence: 'same_child' | 'same_endpoint' | 'same_process'
  /** The newest sign of life of the present server; `/readyz` is never 200 without. */
  readonly liveness: {readonly ok: boolean; readonly observed_at?: string}
  readonly initialize: InitializeReceipt
  readonly server_discover?: DiscoverReceipt
  readonly tools_list: ToolsReceipt
}

/** The component as a page of its own. */
export type McpHealthDocument = ComponentDocument<McpDetails>
