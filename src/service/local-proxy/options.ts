// What a local tunnel is told at its start, and what its starter gets back.

import type {ListenTarget} from '../../foundation/platform/index.ts'

/** What the daemon's side is configured with: exactly what was given, everything else comes from the environment. */
export interface LocalProxyTarget {
  /** In the grammar of `--mcp.server-url`. */
  readonly serverUrls?: readonly string[]
  /** In the grammar of `--mcp.command`. */
  readonly commands?: readonly string[]
  readonly profile?: string | undefined
  readonly profileFile?: string | undefined
  readonly profileDir?: string | undefined
}

/** Options of `createLocalProxy`. Durations are milliseconds. */
export interface LocalProxyOptions {
  readonly target: LocalProxyTarget
  /** Where MCP clients come in. */
  readonly listen: ListenTarget
  /** Default: a random one. */
  readonly tunnelId?: string
  /** `host:port` of the daemon's operator surface. Without this and the URL file there is none. */
  readonly healthListenAddr?: string | undefined
  readonly healthUrlFile?: string | undefined
  /** For the start of the daemon, and again for its MCP probe and its first poll. Default 10 000. */
  readonly readinessTimeoutMs?: number
  /** How long a caller waits for an answer. Default 30 000. */
  readonly responseTimeoutMs?: number
  /** A call that no daemon fetched for this long fails. Default 20 000. */
  readonly clientLastSeenMs?: number
  /** Version of this program. */
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Where the daemon logs when no log file is configured. */
  readonly logStream: NodeJS.WritableStream
  /** Gives the start up. */
  readonly signal?: AbortSignal
  /** Told of every step of the start, in plain words. */
  readonly onStep?: (step: string) => void
}

/** The JSON that `--print-json` prints and `--url-file` receives, with the reference's members. */
export interface LocalProxyInfo {
  readonly tunnel_id: string
  /** Empty when the ingress is a unix socket. */
  readonly mcp_url: string
  readonly mcp_transport: 'tcp' | 'unix'
  readonly mcp_unix_socket?: string
  readonly mcp_url_path?: string
  readonly control_plane_base_url: string
  readonly control_plane_transport: 'tcp' | 'unix'
  readonly control_plane_unix_socket?: string
  /** Ends in `/readyz`. */
  readonly health_url?: string
  readonly backend: string
}

/** A running local tunnel. */
export interface LocalProxy {
  readonly info: LocalProxyInfo
  /** Base URL of the daemon's operator surface; null when it has none. */
  readonly healthUrl: string | null
  /** What `/readyz` would say now. */
  readiness(): {readonly status: number; readonly body: string}
  /** Resolves with the reason when the daemon cannot go on. Stop the proxy then. */
  readonly broken: Promise<string>
  /** Stops the daemon (calls may finish for `drainMs`), then the service; removes sockets and folders. Idempotent. */
  stop(request: {readonly drainMs: number; readonly now?: AbortSignal}): Promise<void>
}
