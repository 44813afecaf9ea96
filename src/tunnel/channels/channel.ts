// The contract between the relay and whatever speaks to an MCP server. A transport implements Channel; the relay owns
// time and order and knows nothing of HTTP or child processes.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {Instant, RawHeaders} from '../../foundation/platform/index.ts'
import type {RpcMessage, TunnelFailureKind, TunnelFailureSource, UpstreamBody} from '../../foundation/wire/index.ts'
import type {ProtocolReceipt} from './receipt/protocol-receipt.ts'

/** Transport kinds, spelled as the reference spells them. */
export type TransportKind = 'http-streamable' | 'stdio' | 'in-memory'

/** One message on its way to the MCP server. */
export interface ChannelCall {
  /** The control plane's request id: for logs and traces, never sent on. */
  readonly requestId: string
  readonly message: RpcMessage
  /** Headers of the command as the control plane gave them. Only HTTP uses more than the session id. */
  readonly headers: RawHeaders
  /** Monotonic instant after which nobody wants the answer; null: none. The relay enforces it, transports may use it. */
  readonly deadline: Instant | null
  /** True: what the server asks its client during this call goes to {@link ChannelSink.onServerRequest}. */
  readonly serverRequests?: boolean
}

/** Somebody listens to what the server says outside of calls. */
export type ChannelListen = Pick<ChannelCall, 'requestId' | 'headers'>

/**
 * A request of the server to its client, on its way to the caller: the link back to whoever asked. The first of `answer` and
 * `refuse` counts; once the server has gone, neither reaches anybody.
 */
export interface ServerRequest {
  /** As the server wrote it, its own id included. */
  readonly message: RpcMessage
  /** Brings the caller's answer to the server. Its fate comes through the sink, as that of a notification. */
  answer(answer: ChannelCall, sink: ChannelSink): ChannelHandle
  /** Tells the server that it gets no answer: -32601, the caller has no such method; -32603, it cannot be reached. */
  refuse(code: RefusalCode): void
}

/** JSON-RPC codes of the refusals that are made here. */
export type RefusalCode = -32601 | -32603

/** Status and headers of the upstream answer. `status` 0: the transport has none (stdio, in-memory). */
export interface UpstreamHead {
  readonly status: number
  readonly headers: RawHeaders
}

/** A call that got no answer of its own from the MCP server. */
export interface ChannelFailure {
  readonly failure: FailureClass
  /** How the wire names it (`error.data.tunnel_failure`). */
  readonly source: TunnelFailureSource
  readonly kind: TunnelFailureKind | null
  /** HTTP status to report: the upstream's when there was one, else 502, 503 or 504. */
  readonly status: number
  /** True when an upstream status in 400..599 is what `status` holds. */
  readonly upstreamResponded: boolean
  readonly headers: RawHeaders
  /** One sentence for logs, without secrets and payload. */
  readonly message: string
  /** A well-formed JSON-RPC error of the upstream for this very id: goes to the caller as it is. */
  readonly preserved?: Buffer
  /** What else the upstream wrote with its status, when it is text. */
  readonly body?: UpstreamBody
}

/**
 * Receives what comes back. Exactly one of onResponse, onAccepted and onFailure is called, last. Bytes are whole JSON-RPC
 * messages, and the channel has made sure that they are UTF-8.
 */
export interface ChannelSink {
  /** The first sign of an answer, for who measures: over HTTP its headers, long before a slow body. */
  onHead?(): void
  /** A server notification that belongs to this call, before its answer, in order. */
  onNotification(raw: Buffer, head: UpstreamHead): void
  /** The server asks, before the answer to this call and in order with the notifications. See `serverRequests`. */
  onServerRequest?(question: ServerRequest, head: UpstreamHead): void
  /** The answer to a request: result or error, id bytes as the caller sent them. */
  onResponse(raw: Buffer, head: UpstreamHead): void
  /** A notification (or a client's response) was taken by the server. */
  onAccepted(head: UpstreamHead): void
  onFailure(failure: ChannelFailure): void
}

/**
 * Why the relay gives up on a call. `caller`: he has cancelled it, and his own words were sent on; `gone`: he hung up, and
 * nobody has told the server.
 */
export type CancelReason = 'deadline' | 'ttl' | 'caller' | 'gone' | 'shutdown'

/** What the relay holds of a running call. */
export interface ChannelHandle {
  /** The answer is no longer wanted; the sink is not called any more after this returns. */
  cancel(reason: CancelReason): void
  /** The control plane is slower than the server: stop reading, where the transport can. */
  pause(): void
  resume(): void
}

/** Proof, or the lack of it, that a call on this channel would work now. */
export type ChannelEvidence =
  | {readonly state: 'pending'}
  | {readonly state: 'ok'; readonly at: Instant; readonly server: ServerIdentity | null}
  | {readonly state: 'auth_required'; readonly at: Instant; readonly message: string}
  | {readonly state: 'timeout'; readonly at: Instant; readonly message: string; readonly failures: number}
  | {readonly state: 'failed'; readonly at: Instant; readonly message: string; readonly failure: FailureClass}

/** What the server said of itself in its handshake. */
export interface ServerIdentity {
  readonly name: string
  readonly version: string
  readonly protocolVersion: string
}

/** A channel as the operator sees it. */
export interface ChannelStatus {
  readonly name: string
  readonly kind: TransportKind
  readonly evidence: ChannelEvidence
  /** For people: address of an HTTP server; pid and command of a child. No secrets. */
  readonly details: readonly {readonly key: string; readonly value: string}[]
  /** Where the server is: an address without user, password and query; a program without its arguments. */
  readonly target: string
  /** Monotonic instant of the last sign of life of any server here; 0: none. */
  readonly lastLife: Instant
  /** Where there is a process of ours. */
  readonly child?: ChildStatus
  /** Where calls share a pipe: answers of the present server that belonged to none that was open. */
  readonly strayAnswers?: number
  /** What the present server has said of itself, where that can be told from what another one said. */
  readonly receipt?: ProtocolReceipt
}

/** The process behind a channel. */
export interface ChildStatus {
  /** `running`: there is one. `restarting`: it has ended and comes back. `gone`: it does not. */
  readonly state: 'running' | 'restarting' | 'gone'
  readonly pid: number | null
  /** 32 hex digits, new with every process; null before the first. */
  readonly generation: string | null
  readonly restarts: number
  /** The last lines of its stderr, or of its predecessor's. */
  readonly stderr: readonly string[]
}

/** What a channel tells those who watch it. */
export type ChannelEvent =
  | {readonly type: 'evidence'; readonly evidence: ChannelEvidence}
  /** The channel has given up for good (a child in a crash loop): the daemon has to end with a failure. */
  | {readonly type: 'gave_up'; readonly message: string}

/** One bound MCP server. */
export interface Channel {
  readonly name: string
  readonly kind: TransportKind
  /** True when all calls must reach this very process (stdio, in-memory). */
  readonly processAffinity: boolean
  /** Spawns the child, if there is one. Rejects with a TunnelError when that is impossible. */
  start(): Promise<void>
  /** Starts gathering evidence (the startup probe, then idle checks). Resolves when the first probe has settled. */
  probe(): Promise<ChannelEvidence>
  /** Takes one message. Never throws; failures come through the sink, possibly before this returns. */
  send(call: ChannelCall, sink: ChannelSink): ChannelHandle
  /**
   * Listens to what the server says outside of calls: notifications and requests, then onAccepted when the stream is over or
   * refused, or onFailure. Never throws. Absent where the transport has no such stream.
   */
  listen?(listen: ChannelListen, sink: ChannelSink): ChannelHandle
  /** Ends an MCP session. Resolves with the upstream's answer, `status` 405 where the transport has no sessions. */
  terminateSession(headers: RawHeaders, deadline: Instant | null): Promise<UpstreamHead>
  status(): ChannelStatus
  /** Registers a listener; returns its removal. */
  watch(listener: (event: ChannelEvent) => void): () => void
  /** Ends everything it opened: children get EOF, SIGTERM, then SIGKILL, as a group. */
  stop(): Promise<void>
}
