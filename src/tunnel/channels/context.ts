// What every transport is given. One record, so that a new transport needs nothing threaded through to it.

import type {ConfigHeader, McpBinding} from '../../foundation/config/index.ts'
import type {FailureClass, OriginText} from '../../foundation/errors/index.ts'
import type {Clock, HttpDoor, LogAttrs, Logger} from '../../foundation/platform/index.ts'
import type {StderrSink} from './stdio/stderr-tail.ts'

/** The end of a connection that a server in this process is given: what both MCP SDKs call a transport. */
export interface ServerTransport {
  start(): Promise<void>
  send(message: unknown, options?: unknown): Promise<void>
  close(): Promise<void>
  onmessage?: ((message: unknown, extra?: unknown) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  readonly sessionId?: string
}

/** A server in this very process, bound by code and not by configuration. */
export interface MemoryBinding {
  readonly kind: 'memory'
  readonly channel: string
  /**
   * `shared`: one server object for all callers, connected again when it hangs up. `each`: a server object for every
   * session, and one for callers without a session in each era of the protocol.
   */
  readonly sessions: 'shared' | 'each'
  /** Connects a server to a fresh transport. What it throws is the caller's answer, or the end of `start()`. */
  connect(transport: ServerTransport): Promise<void> | void
}

/** What a channel is made from. */
export type ChannelBinding = McpBinding | MemoryBinding

/** Name and version that we give to MCP servers in our own handshakes. */
export interface ClientIdentity {
  readonly name: string
  readonly version: string
}

/** Everything a transport may use. Durations are milliseconds. */
export interface ChannelContext {
  readonly door: HttpDoor
  readonly log: Logger
  readonly clock: Clock
  readonly identity: ClientIdentity
  /** Added to every request to an MCP server unless the caller sends the same header. */
  readonly extraHeaders: readonly ConfigHeader[]
  /** Added to the requests of the probe, over the extra headers. */
  readonly discoveryExtraHeaders: readonly ConfigHeader[]
  /** PEM certificates trusted in addition. */
  readonly extraCa: readonly string[]
  /** How long the startup probe of `main` waits for a server that refuses connections; 0: one attempt. */
  readonly startupWaitTimeout: number
  /** No call lives longer; what is remembered of a call is forgotten after it. */
  readonly connectionMaxTtl: number
  /** Variables that held secrets: removed from the environment of children. */
  readonly secretVariables: readonly string[]
  /** The environment that children inherit, before that. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the stderr of children goes. */
  readonly stderr: StderrSink
  /** What whoever configured this channel should know when its server does not answer: origin, next step. */
  readonly advise: (channel: string, failure: FailureClass) => LogAttrs
  /** Where the binding of a channel was configured, for errors; undefined: unknown. */
  originOf(channel: string): OriginText | undefined
  /** `mcp session initialized` is logged after this, because watchers read readiness at that line. */
  readonly announce: Promise<unknown>
}
