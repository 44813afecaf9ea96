// What an embedded client and an embedded service can do. Public types.

import type {FailureClass, Rung, TunnelError, Who} from '../../foundation/errors/index.ts'

/** Where a client is in its life. After `failed` it may be started again, after `closed` not. */
export type TunnelPhase = 'idle' | 'starting' | 'running' | 'failed' | 'closing' | 'closed'

/** One finding about readiness. */
export interface TunnelReason {
  /** `control_plane`, `mcp:<channel>`, `oauth` or `daemon`. */
  readonly subject: string
  /** For example `ok`, `pending`, `failing`, `timeout`. */
  readonly state: string
  readonly ok: boolean
  /** The client is not ready while this is not ok. */
  readonly gates: boolean
  readonly message: string
}

/** Why the tunnel service cannot be reached or refuses us. */
export interface TunnelFailure {
  readonly class: FailureClass
  /** Stable code, for example `TC-AUTH-KEY-INVALID`. */
  readonly code: string
  /** How far it got: resolve, connect, tls, http, auth, scope … */
  readonly rung: Rung
  /** Who has to act. */
  readonly who: readonly Who[]
  readonly message: string
}

/** A client at one moment. */
export interface TunnelState {
  readonly phase: TunnelPhase
  /** A call would work now. */
  readonly ready: boolean
  /** `ready`, or the reason why not. */
  readonly message: string
  readonly reasons: readonly TunnelReason[]
  /** Null while the tunnel service takes our polls, or nothing is known yet. */
  readonly failure: TunnelFailure | null
  /** Address of the operator surface; null without `health`. */
  readonly healthUrl: string | null
  /** What ended the client, or its last start, by itself; null otherwise. */
  readonly error: TunnelError | null
}

/** What a client tells. */
export interface TunnelClientEvents {
  /** Phase, readiness, message or failure have changed. */
  state: (state: TunnelState) => void
  /** It has become ready: the first time, and whenever it is ready again. */
  ready: () => void
  /** It has ended by itself, for example because the program of its MCP server crashes again and again. */
  failed: (error: TunnelError) => void
}

/** A tunnel client in this process. */
export interface TunnelClient {
  /**
   * Starts. Resolves when work is being asked for, which says nothing about readiness; an unreachable service is tried
   * again and again. Called again while it runs, it does nothing. Rejects with a TunnelError when the options are wrong or
   * an MCP server cannot be started; everything is undone then, and it may be called again.
   */
  start(): Promise<void>
  /**
   * Resolves when a call would work. Rejects with `TC-SDK-NOT-READY` after `timeout` milliseconds (default 30 000; 0: never),
   * and at once when the service refuses the key or the tunnel; the client goes on trying in both cases.
   */
  waitUntilReady(options?: {readonly timeout?: number; readonly signal?: AbortSignal}): Promise<void>
  /** What is known now. */
  state(): TunnelState
  /** Listens; returns the function that ends it. What a listener throws is logged. */
  on<Event extends keyof TunnelClientEvents>(event: Event, listener: TunnelClientEvents[Event]): () => void
  /**
   * Takes no more calls, lets those under way finish for `drainTimeout` milliseconds, answers the rest, ends every
   * connection and program. Safe to call at any time and again; a later call with 0 cuts the waiting short. Rejects with
   * `TC-DAEMON-STOP` when something could not be closed.
   */
  close(options?: {readonly drainTimeout?: number}): Promise<void>
}

/** Figures of a tunnel, for tests. */
export interface TunnelFigures {
  /** Calls that wait for a client. */
  readonly queued: number
  /** Calls that a client has taken and not answered. */
  readonly inFlight: number
  /** Polls that wait for work: at least one when an idle client is connected. */
  readonly parkedPolls: number
}

/** A tunnel service in this process, for development and tests. */
export interface TunnelService {
  readonly tunnelId: string
  /** For `baseUrl` of a client. */
  readonly baseUrl: string
  /** Where MCP clients connect. Empty when the ingress is a unix socket. */
  readonly mcpUrl: string
  /** Key for clients. */
  readonly apiKey: string
  /** Key for managing tunnels. */
  readonly adminKey: string
  /** What a client of this service needs besides its MCP server. */
  clientOptions(): Required<{readonly [Key in 'tunnelId' | 'apiKey' | 'baseUrl']: string}>
  figures(): TunnelFigures
  /** Answers everybody who waits, then closes. Safe to call again. */
  close(): Promise<void>
}
