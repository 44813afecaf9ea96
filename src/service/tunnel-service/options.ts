// What a tunnel service is told at its start, and what its starter gets back.

import type {Clock, ListenTarget, Logger, Secret, ServerTls} from '../../foundation/platform/index.ts'

/**
 * What a key may do, in the words of the platform: read metadata, use a tunnel (poll and respond), manage tunnels; and call it
 * through the ingress, where the key is sent as `X-Tunnel-Ingress-Token`.
 */
export type Scope = 'read' | 'use' | 'manage' | 'call'

/** A key that the service accepts as `Authorization: Bearer …`. */
export interface AccessKey {
  /** For people, for example `runtime`. */
  readonly name: string
  readonly value: Secret
  readonly scopes: readonly Scope[]
  /** The tunnels that it opens. Null or absent: every tunnel of the service. */
  readonly tunnels?: readonly string[] | null
}

/**
 * How much may wait or run, per tunnel. Beyond it callers get 429 `tunnel_queue_full`. What waits is bounded by channel, so
 * that one which nobody works off leaves room for the others: beside a full one another gets half as much, and so on.
 */
export interface QueueLimits {
  /** Calls of a channel that wait for a poll. Default 1000. */
  readonly maxCommands?: number
  /** Bytes of their bodies together. Default 256 MiB. */
  readonly maxBytes?: number
  /** Calls that were handed over and wait for their answer. Default 10 000. */
  readonly maxInFlight?: number
}

/** Options of `createTunnelService`. Durations are milliseconds. */
export interface TunnelServiceOptions {
  /** The tunnel that exists from the start. Default: the one of the state file, else a random id. */
  readonly tunnelId?: string
  /** Where daemons and administrators come in. Default `127.0.0.1:0`. */
  readonly control?: ListenTarget & {readonly tls?: ServerTls}
  /** Where MCP clients come in. Default `127.0.0.1:0`. An address that is not loopback needs `ingressToken`. */
  readonly ingress?: ListenTarget
  /** Asked from callers as `X-Tunnel-Ingress-Token`; with it, `Host` and `Origin` are not checked. */
  readonly ingressToken?: Secret
  /** How long a caller waits for its answer, all in all. Default 30 000; 0: for ever. */
  readonly responseTimeoutMs?: number
  /** Silence after which a caller that accepts it gets an event stream with keep-alives. Default 15 000; 0: never. */
  readonly silenceMs?: number
  /** A daemon counts as gone when all its connections are closed and it has sent nothing for this long. Default 5000. */
  readonly clientGoneMs?: number
  /** A call whose channel nobody polled for this long ends with `tunnel_client_not_seen`. Default 20 000. */
  readonly clientLastSeenMs?: number
  /** Tunnels and keys are kept here (0600), so that a restart changes neither. */
  readonly stateFile?: string
  /** Default: those of the state file, else a random runtime key (read, use) and admin key (read, manage). */
  readonly keys?: readonly AccessKey[]
  readonly queue?: QueueLimits
  readonly log?: Logger
  readonly clock?: Clock
}

/** Figures of a tunnel, for people and tests. */
export interface TunnelSnapshot {
  readonly queued: number
  /** Bytes of calls that wait in the line or are still arriving. */
  readonly bytes: number
  /** Handed over and not yet answered. */
  readonly inFlight: number
  /** Polls that wait for work. */
  readonly parkedPolls: number
  /** Daemons with an open connection, by instance id. */
  readonly clients: readonly string[]
}

/** A running tunnel service. */
export interface TunnelService {
  readonly tunnelId: string
  /** For `CONTROL_PLANE_BASE_URL`. `http://localhost` when the control listener is a unix socket. */
  readonly controlPlaneBaseUrl: string
  readonly controlUnixSocket: string | null
  /** Where MCP clients connect. Empty when the ingress is a unix socket. */
  readonly mcpUrl: string
  readonly mcpUnixSocket: string | null
  /** Path of {@link mcpUrl}. */
  readonly mcpUrlPath: string
  /** A key with read and use: what a daemon needs. */
  readonly runtimeKey: Secret
  /** A key with read and manage: what `admin` needs. */
  readonly adminKey: Secret
  /** Figures of the tunnel `id` (default: {@link tunnelId}), null when there is none. */
  snapshot(id?: string): TunnelSnapshot | null
  /** Answers every caller and poll, closes both listeners, removes socket files. Idempotent. */
  close(): Promise<void>
}
