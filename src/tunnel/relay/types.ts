// The contract of the relay: what it is given, what it shows, what it tells.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {Clock, LogAttrs, Logger} from '../../foundation/platform/index.ts'
import type {CommandType, ResponseType} from '../../foundation/wire/index.ts'
import type {Channel} from '../channels/index.ts'
import type {ControlPlaneClient, MetadataOutcome, ServiceFailure} from '../control-plane/index.ts'
import type {CallTrace} from './trace/call-trace.ts'

/** Where the relay finds the channels. Looked up for every command: a channel may become routable later. */
export interface ChannelDirectory {
  get(name: string): Channel | undefined
  list(): readonly Channel[]
}

/** Sizes and times; milliseconds. */
export interface RelayLimits {
  /** Commands that may wait in each lane (`control-plane.max-inflight`). */
  readonly maxInflight: number
  /** Calls that may run at the same time in each lane (`mcp.max-concurrent-requests`). */
  readonly maxConcurrentRequests: number
  /** How long a call may run (`mcp.connection-max-ttl`). */
  readonly connectionMaxTtl: number
  readonly pollTimeout: number
  readonly pollDeadlineGuardrail: number
}

/** What {@link createRelay} needs. */
export interface RelayOptions {
  readonly client: ControlPlaneClient
  readonly channels: ChannelDirectory
  readonly limits: RelayLimits
  readonly clock: Clock
  /** The relay adds the `component` itself. */
  readonly log: Logger
  /** What whoever configured this daemon should know of a failed poll, for the line that says it: origin, next step. */
  readonly advise?: (failure: ServiceFailure) => LogAttrs
  /** Called synchronously; must not throw. */
  readonly onEvent?: (event: RelayEvent) => void
}

/** Owns polling, order, deadlines and answers between one tunnel and its channels. */
export interface Relay {
  /**
   * Starts polling. Also sends the metadata request, right after the first poll was written, because its answer is poll
   * evidence for services that send no 102; the outcome comes as an event of type `metadata`.
   */
  start(): void
  /** Stops taking commands, finishes what was taken within `ms`, answers the rest with a typed 503. Idempotent. */
  drain(ms: number): Promise<DrainReport>
  /** Ends everything now, without answers. Idempotent. */
  stop(): Promise<void>
  snapshot(): RelaySnapshot
}

/** What a drain did. */
export interface DrainReport {
  /** Commands that were answered (or ended by their deadline) during the drain. */
  readonly finished: number
  /** Commands that were answered with a typed 503. */
  readonly refused: number
  /** Commands whose answer could not be delivered. */
  readonly undelivered: number
  /** True when the time ran out before all work was done. */
  readonly timedOut: boolean
  readonly ms: number
}

/**
 * What is known about polling. `pending`: nothing yet. `accepted`: a poll was answered, or stands accepted, lately.
 * `failing`: the last one was refused or broke. `stale`: no evidence for longer than poll timeout plus guardrail.
 */
export type PollStateName = 'pending' | 'accepted' | 'failing' | 'stale'

/** The poll part of a snapshot. */
export interface PollStatus {
  readonly state: PollStateName
  /** Wall clock, ms, of the last change of state. */
  readonly since: number
  /** Wall clock, ms, of the last success; null before the first. An accepted outstanding poll is a success. */
  readonly lastSuccessWall: number | null
  /** Set while failing. */
  readonly failure: FailureClass | null
  readonly message: string | null
  readonly status: number | null
  readonly mitigation: string | null
  /** Failures in a row. */
  readonly failures: number
  /** A reset of idle polls was seen: something on the way cuts long requests. */
  readonly idleCutHint: boolean
}

/** One lane of a snapshot. */
export interface LaneStatus {
  readonly channel: string
  readonly queued: number
  readonly running: number
}

/** The relay at one moment, for status pages and for gauges. */
export interface RelaySnapshot {
  readonly phase: 'idle' | 'running' | 'draining' | 'stopped'
  readonly poll: PollStatus
  /** Polls under way, those of them whose answer is being read, and the rest of a pause before the next one, if there is one. */
  readonly polls: {readonly open: number; readonly reading: number; readonly pauseMs: number | null}
  readonly queue: {readonly length: number; readonly capacity: number}
  readonly workers: {readonly occupancy: number; readonly capacity: number}
  /** Answers on their way to the control plane. */
  readonly posting: number
  readonly lanes: readonly LaneStatus[]
  readonly totals: {
    readonly polled: number
    readonly delivered: number
    readonly undelivered: number
    readonly duplicates: number
    readonly notificationsDropped: number
  }
}

/** `request_kind` of the latency metric. */
export type RequestKind = 'call' | 'notification' | 'session_termination' | 'oauth_discovery'

/** Everything that metrics, audit and the UI want to know. Gauges come from {@link Relay.snapshot}. */
export type RelayEvent =
  | {readonly type: 'poll_started'; readonly limit: number}
  | {
      readonly type: 'poll_finished'
      readonly latencyMs: number
      /** Null: no error. The reference's values of the label `error_kind`. */
      readonly errorKind: 'timeout' | 'context_canceled' | 'other' | null
    }
  /** The state of {@link PollStatus} changed. */
  | {readonly type: 'poll_state'; readonly status: PollStatus}
  /** A poll was answered or accepted; wall clock ms. */
  | {readonly type: 'poll_success'; readonly wall: number}
  | {readonly type: 'commands_polled'; readonly polled: number; readonly enqueued: number}
  /** Receipt time less `created_at`, when known and not negative. */
  | {readonly type: 'command_age'; readonly ms: number}
  | {
      readonly type: 'command_dropped'
      readonly reason: 'invalid_command_type' | 'context_canceled' | 'queue_full' | 'duplicate'
    }
  | {readonly type: 'unsupported_channel'; readonly channel: string; readonly commandType: CommandType}
  /** A terminal answer was delivered. */
  | {
      readonly type: 'command_finished'
      readonly requestKind: RequestKind
      /** JSON-RPC method, null for other commands. */
      readonly method: string | null
      readonly channel: string
      /** The `resp_code` that was posted. */
      readonly status: number
      readonly failure: FailureClass | null
      readonly pollToResponseMs: number
      /** Null when `created_at` is unknown or in the future. */
      readonly enqueueToResponseMs: number | null
    }
  /** Every answer that left, and those that could not. */
  | {
      readonly type: 'response_posted'
      readonly responseType: ResponseType
      readonly outcome: 'delivered' | 'unknown' | 'refused' | 'failed' | 'aborted'
      readonly attempts: number
    }
  /** A command was taken; `trace` goes on changing until `call_finished`. */
  | {readonly type: 'call_started'; readonly trace: CallTrace}
  /** It is over, in whatever way; `trace` does not change any more. */
  | {readonly type: 'call_finished'; readonly trace: CallTrace}
  | {readonly type: 'notifications_dropped'; readonly channel: string; readonly count: number}
  | {readonly type: 'metadata'; readonly outcome: MetadataOutcome}
