// The documents of `GET /api/calls` and `GET /api/calls/{id}`: what happened to one call, without what was said in it. Types
// only, so that a page in a browser can import them. Times are wall clock milliseconds since the epoch, three decimals.

import type {FailureClass, Rung, Who} from '../../../foundation/errors/index.ts'

/** How a call ended, as the relay names it. */
export const CALL_OUTCOMES = [
  'open',
  'answered',
  'error',
  'refused',
  'cancelled',
  'expired',
  'undelivered',
  'aborted',
] as const

/** One of {@link CALL_OUTCOMES}. */
export type CallOutcomeName = (typeof CALL_OUTCOMES)[number]

/** Who held the call: the service (its queue, or the way there), this daemon, or the MCP server. */
export type CallTurn = 'service' | 'daemon' | 'mcp'

/** A stretch of a call's way. */
export type CallPhaseName = 'service_queue' | 'lane' | 'mcp_wait' | 'mcp_answer' | 'delivery' | 'service_ack'

/** When it passed which station; null: it did not get there (yet), or nobody could tell. */
export interface CallTimesDocument {
  /** The service took it from the caller; by the clock of the service. */
  readonly enqueued: number | null
  readonly polled: number
  readonly dispatched: number | null
  readonly first_byte: number | null
  readonly answered: number | null
  readonly posted: number | null
  readonly acknowledged: number | null
  readonly ended: number | null
}

/** One call. */
export interface CallDocument {
  /** The service's request id. */
  readonly id: string
  /** The caller's JSON-RPC id as it was written (a string keeps its quotes), cut at 64 characters. */
  readonly rpc_id: string | null
  readonly channel: string
  readonly transport: string | null
  /** `call`, `notification`, `session_termination`, `oauth_discovery`. */
  readonly kind: string
  readonly method: string | null
  readonly tool: string | null
  /** Hash of the MCP session: the same within one run of the daemon, and no more than that. */
  readonly session: string | null
  readonly outcome: CallOutcomeName
  readonly status: number | null
  readonly failure_class: FailureClass | null
  readonly rung: Rung | null
  /** Who has to act; empty when nobody has to. */
  readonly who: readonly Who[]
  readonly code: string | null
  readonly docs: string | null
  /** How often the terminal answer was sent. */
  readonly attempts: number
  readonly request_bytes: number
  readonly response_bytes: number | null
  readonly notifications: number
  /** From the poll answer that brought it to its end, or until now. */
  readonly duration_ms: number
  /** Whose turn it is; null when it is over. */
  readonly waiting_on: CallTurn | null
  readonly times: CallTimesDocument
}

/** A stretch of a call's way. */
export interface CallPhaseDocument {
  readonly phase: CallPhaseName
  readonly turn: CallTurn
  /** Null: the clocks of service and daemon do not agree. */
  readonly ms: number | null
  /** The call is, or ended, in this phase. */
  readonly last: boolean
}

/** A call of a list; `seq` is its place in the order of what happened last. */
export interface ListedCallDocument extends CallDocument {
  readonly seq: number
}

/** `GET /api/calls`. */
export interface CallListDocument {
  readonly schema_version: 1
  /** Of this run of the daemon: a cursor is worth nothing in another run. */
  readonly instance_id: string
  /** Oldest first. */
  readonly calls: readonly ListedCallDocument[]
  /** `after=<this>` goes on from here. */
  readonly next_after: number
  /** There is more behind `next_after` already. */
  readonly more: boolean
  /** Calls that ended after the given cursor are forgotten already, or the cursor is of another run. */
  readonly gap: boolean
}

/** `GET /api/calls/{id}`. */
export interface CallDetailDocument extends CallDocument {
  readonly schema_version: 1
  readonly instance_id: string
  readonly phases: readonly CallPhaseDocument[]
  /** What the failure class means, in one sentence; null without one. */
  readonly title: string | null
  /** What helps; null when nothing has to be done. */
  readonly next: string | null
}
