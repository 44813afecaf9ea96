// The shapes of the one HTTP door. Everything that speaks HTTP outward (control plane, MCP servers, doctor, admin, OAuth,
// Harpoon) uses these and nothing else; undici stays behind them. Rules: docs of the room in door.ts.

import type {FailureClass} from '../../errors/index.ts'
import type {Instant} from '../clock.ts'
import type {Secret} from '../secret.ts'

/** Header fields in wire order: name, value, name, value … Names keep their spelling; repeated fields repeat. */
export type RawHeaders = readonly string[]

/** One machine (or socket) that requests go to, with everything that decides how to get there. */
export interface DestinationSpec {
  /** `control_plane`, `mcp:<channel>`, …: the name in traces, logs and doctor rows. */
  readonly name: string
  /** Only scheme, host and port count. */
  readonly origin: URL
  /** Dial this unix socket instead of the origin's host. */
  readonly unixSocket?: string
  /** Most connections at once. Default 256. */
  readonly connections?: number
  /**
   * Milliseconds without a byte after which the system asks whether the other side is still there; without an answer to
   * ten questions, one a second, the connection is dead. Default 60 000.
   */
  readonly probeAfter?: number
  /** PEM certificates trusted in addition to those that Node and the system trust. */
  readonly extraCa?: readonly string[]
  /** Offered when the server asks for a client certificate. */
  readonly clientCertificate?: {readonly cert: string; readonly key: Secret}
}

/** One request. */
export interface HttpRequest {
  readonly method: string
  /** Path and query, starting with `/`. */
  readonly path: string
  readonly headers: RawHeaders
  /** Sent with a content-length. Several buffers are written one after the other without being joined. */
  readonly body?: Buffer | readonly Buffer[]
  /** Monotonic instant at which the request settles with `timeout_http` (or the rung it was in). */
  readonly deadline?: Instant | null
  /** True: the request may be sent again when a kept-alive connection turns out to be dead before any byte came back. */
  readonly idempotent?: boolean
}

/**
 * Receives one reply as it arrives. Exactly one of `onEnd` and `onFailure` is called last; nothing comes after it.
 * `onFailure` may be called before `stream` returns (an invalid header) and from within `abort`.
 */
export interface ReplySink {
  /**
   * The whole request was handed to the operating system on an established connection (for https: after the handshake
   * was verified). It says nothing about the other side having read it. At most once, also when the request is repeated.
   */
  onSent?(): void
  /** Interim 1xx, for example 102. */
  onInterim?(status: number): void
  /** Final status line and headers. `receivedAt` is taken before anything else happens. */
  onHead(status: number, headers: RawHeaders, receivedAt: Instant): void
  onData(chunk: Buffer): void
  onEnd(): void
  onFailure(failure: HttpFailure): void
}

/** What the caller of {@link HttpDestination.stream} holds. */
export interface ReplyHandle {
  /** Ends it now: the socket is given up, `onFailure` is called with class `canceled` unless it had ended. */
  abort(): void
  /**
   * Leaves, but politely: closes our direction of the connection and goes on reading, because an answer may be on its way
   * already. The other side sees the end at once; what it has written until then arrives, anything else settles as a failure.
   * A request that is not completely written is aborted instead. It sets no time: a server may ignore it.
   */
  hangUp(): void
  /** Stops reading from the connection. One chunk that was already read may still be delivered. */
  pause(): void
  resume(): void
}

/** A buffered reply. */
export interface HttpReply {
  readonly status: number
  readonly headers: RawHeaders
  readonly body: Buffer
  readonly receivedAt: Instant
}

/** Limits of a buffered request. */
export interface FetchOptions {
  /** Larger bodies fail with class `too_large`. Default 64 MiB. */
  readonly maxBytes?: number
  readonly onInterim?: (status: number) => void
  readonly onSent?: () => void
  readonly signal?: AbortSignal
  /**
   * Undo gzip, deflate and br by content-encoding; `maxBytes` then bounds the decoded body, and content-encoding and
   * content-length are taken out of the headers. The caller sends accept-encoding.
   */
  readonly decode?: boolean
}

/** One step of getting there, as the connector saw it. */
export interface TraceStep {
  readonly rung: 'route' | 'resolve' | 'connect' | 'proxy' | 'tls' | 'http'
  readonly ok: boolean
  readonly ms: number
  /** What was tried and seen, without secrets: addresses, error codes, the issuer of a certificate … */
  readonly detail: string
  readonly failure?: FailureClass
}

/** Why there was no complete reply. Never carries an `UND_ERR_*` code. */
export interface HttpFailure {
  readonly failure: FailureClass
  /** One sentence for people, without secrets. */
  readonly message: string
  /** `ECONNREFUSED`, `CERT_HAS_EXPIRED` …, when the system gave one. */
  readonly errno?: string
  /** True when the request cannot have reached the application: it was never written. */
  readonly unsent: boolean
  readonly trace: readonly TraceStep[]
}

/** A pool of connections to one destination. */
export interface HttpDestination {
  readonly spec: DestinationSpec
  /** The hot path: no Promise, no AbortSignal, the body stays Buffers. */
  stream(request: HttpRequest, sink: ReplySink): ReplyHandle
  /** The convenient path. Rejects with {@link HttpFailureError}. */
  fetch(request: HttpRequest, options?: FetchOptions): Promise<HttpReply>
  /** Steps of the newest connection attempt, also a failed one. Empty before the first. */
  trace(): readonly TraceStep[]
  /** Aborts what is open and closes every connection. */
  close(): Promise<void>
}

/** The door itself: makes destinations and closes them all. */
export interface HttpDoor {
  destination(spec: DestinationSpec): HttpDestination
  close(): Promise<void>
}
