// What is remembered of one command on its way through the relay: when it passed which station, how it ended, how large it
// was. Never what was said: no payload, no header value, no id of a user.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import type {TransportKind} from '../../channels/index.ts'
import type {RequestKind} from '../types.ts'

/**
 * How a command ended.
 * - `open`: not over yet.
 * - `answered`: the MCP server's own answer was delivered, a JSON-RPC error of its own included.
 * - `error`: an MCP server was asked, and an error was delivered that names a failure class.
 * - `refused`: an error was delivered without asking any MCP server.
 * - `cancelled`: the caller took it back.
 * - `expired`: its deadline passed; nothing was delivered.
 * - `undelivered`: there was an answer, and the control plane did not take it.
 * - `aborted`: this daemon ended first.
 */
export type CallOutcome =
  | 'open'
  | 'answered'
  | 'error'
  | 'refused'
  | 'cancelled'
  | 'expired'
  | 'undelivered'
  | 'aborted'

/**
 * One command. The object of `call_started` is live: it changes until `call_finished`, and not afterwards. Times are wall
 * clock milliseconds with a fraction, null until (or unless) it got there; their differences are monotonic, except those to
 * `enqueuedAt`, which is the clock of the service.
 */
export interface CallTrace {
  /** The service's id of this command. */
  readonly requestId: string
  /** The caller's JSON-RPC id token as it was written, cut; null for what has none. */
  readonly rpcId: string | null
  readonly channel: string
  /** Null: no such channel here. */
  readonly transport: TransportKind | null
  readonly kind: RequestKind
  /** JSON-RPC method, cut, control characters masked; null for commands that are no JSON-RPC. */
  readonly method: string | null
  /** `params.name` of a `tools/call`, cut, control characters masked. */
  readonly tool: string | null
  /** Short hash of the MCP session id, salted per process; null without a session. */
  readonly session: string | null
  readonly requestBytes: number
  /** Of the terminal answer's payload; null until there is one. */
  readonly responseBytes: number | null
  /** Messages that the MCP server sent before its answer. */
  readonly notifications: number
  readonly outcome: CallOutcome
  /** `resp_code` of the terminal answer; null until there is one. */
  readonly status: number | null
  readonly failure: FailureClass | null
  /** How often the terminal answer was sent. */
  readonly attempts: number
  /** `created_at` of the command: the service took it from the caller. */
  readonly enqueuedAt: number | null
  /** The headers of the poll answer that brought it were here. */
  readonly polledAt: number
  /** It was handed to the channel. */
  readonly dispatchedAt: number | null
  /** The first sign of an answer: HTTP headers, a notification, or the answer itself. */
  readonly firstByteAt: number | null
  /** The terminal answer was complete. */
  readonly answeredAt: number | null
  /** The terminal answer was handed to the control-plane client: everything before it has been delivered. */
  readonly postedAt: number | null
  /** The control plane has taken the terminal answer. */
  readonly acknowledgedAt: number | null
  /** It was over, in whatever way. */
  readonly endedAt: number | null
}
