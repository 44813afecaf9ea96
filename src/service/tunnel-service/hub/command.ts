// One call on its way to a daemon: what the poll answer says of it, and who waits for what comes back.

import type {Instant} from '../../../foundation/platform/index.ts'
import type {ApiError} from '../api-error.ts'
import type {Ask} from './asks.ts'
import type {Lane} from './lanes.ts'
import type {ResponsePayload} from './response-payload.ts'

/**
 * Kinds of commands; `oauth_discovery` is known to the reference's daemon but missing from the public contract, `cancel`
 * and `session_stream` are for daemons that asked for them.
 */
export type CommandType = 'jsonrpc' | 'session_termination' | 'session_stream' | 'oauth_discovery' | 'cancel'

/** What became of a payload that a daemon posted: it was taken, nobody waits any more, or the caller reads too slowly. */
export type Outcome = 'taken' | 'gone' | 'stalled'

/** The time that a caller grants; it stands still while the caller is asked something. */
export interface CallClock {
  pause(): void
  resume(): void
}

/** Whoever waits for the answer. */
export interface CallerPort {
  /** `settle` is called exactly once: at once, or when the caller has read enough of what came before. */
  accept(payload: ResponsePayload, settle: (outcome: Outcome) => void): void
  /** There will be no answer. */
  fail(error: ApiError): void
}

/** A call. Fields that change belong to the hub. */
export interface Command {
  readonly requestId: string
  readonly shardToken: string
  readonly type: CommandType
  readonly channel: string
  /** Where it is counted. */
  readonly lane: Lane
  /** Position in the order of arrival. */
  readonly seq: number
  /** JSON text from `{` up to the place where response_timeout goes. */
  readonly head: string
  /** JSON text of the `headers` member, with what follows it up to the payload. */
  readonly tail: string
  /** The caller's bytes; given up once they have been handed over, and read if the daemon tells. */
  payload: Buffer | null
  readonly bytes: number
  readonly enqueuedAt: Instant
  /** When the caller stops waiting; null: never. */
  readonly deadline: Instant | null
  readonly caller: CallerPort
  /** `Mcp-Session-Id` of the caller. */
  readonly session: string | null
  /** What tells callers without a session apart, see `callerMark`. */
  readonly mark: string
  /** Id token of a request. */
  readonly rpcId: string | null
  /** Id token of the call that this notification cancels. */
  readonly cancelsId: string | null
  /** It belongs to a call that runs already, and goes before all that do not. */
  readonly urgent: boolean
  /** The server may ask the caller while the call runs. */
  readonly mayBeAsked: boolean
  readonly clock: CallClock | null
  /** Requests of the server to the caller, answered ones too. */
  asks: Set<Ask> | null
  /** It was handed over with `response_timeout`: the daemon ends it by itself. */
  bounded: boolean
  state: 'queued' | 'handing' | 'delivered' | 'done'
  /** Only this daemon may have it: it may have seen the command before a connection broke, and ignores a second copy. */
  onlyFor: string | null
  /** The daemon that holds it, or is about to. */
  holder: string | null
  /** How often it went back because its daemon may not have got it. */
  losses: number
  previous: Command | null
  next: Command | null
}

/** What a new command is made of. */
export interface CommandParts {
  readonly requestId: string
  readonly shardToken: string
  readonly type: CommandType
  readonly channel: string
  readonly lane: Lane
  readonly seq: number
  /** Name and values; names keep the caller's spelling. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly payload: Buffer | null
  readonly enqueuedAt: Instant
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly deadline: Instant | null
  readonly caller: CallerPort
  readonly session?: string | null | undefined
  readonly mark?: string | undefined
  readonly rpcId?: string | null | undefined
  readonly cancelsId?: string | null | undefined
  /** Say to the daemon that the server may ask this caller. */
  readonly mayBeAsked?: boolean | undefined
  readonly clock?: CallClock
  /** The call whose server asked for this response. */
  readonly answers?: string | undefined
  /** The call that nobody waits for any more. */
  readonly cancels?: string
  /** Because its time is over. */
  readonly timedOut?: boolean
  readonly onlyFor?: string | undefined
}

/** Makes a command. All JSON but the payload and response_timeout is built here, once. */
export function createCommand(parts: CommandParts): Command {
  const {requestId, shardToken, type, channel, payload, answers, cancels, cancelsId = null, mayBeAsked = false} = parts
  const head =
    `{"request_id":"${requestId}","shard_token":"${shardToken}","command_type":"${type}","channel":"${channel}",` +
    `"created_at":"${new Date(parts.createdAt).toISOString()}"` +
    (mayBeAsked ? ',"server_requests":true' : '') +
    (answers === undefined ? '' : `,"answers":"${answers}"`) +
    (cancels === undefined ? '' : `,"cancels":"${cancels}"`) +
    (parts.timedOut ? ',"timed_out":true' : '')
  const tail = `,"headers":${JSON.stringify(Object.fromEntries(parts.headers))}${payload ? ',"jsonrpc":' : ''}`
  return {
    requestId,
    shardToken,
    type,
    channel,
    lane: parts.lane,
    seq: parts.seq,
    head,
    tail,
    payload,
    bytes: head.length + tail.length * 2 + 40 + (payload?.length ?? 0),
    enqueuedAt: parts.enqueuedAt,
    deadline: parts.deadline,
    caller: parts.caller,
    session: parts.session ?? null,
    mark: parts.mark ?? '',
    rpcId: parts.rpcId ?? null,
    cancelsId,
    urgent: answers !== undefined || cancels !== undefined || cancelsId !== null,
    mayBeAsked,
    clock: parts.clock ?? null,
    asks: null,
    bounded: false,
    state: 'queued',
    onlyFor: parts.onlyFor ?? null,
    holder: null,
    losses: 0,
    previous: null,
    next: null,
  }
}

/**
 * JSON text before the payload of a command that is handed over at `now`. A call whose clock may stop has no
 * `response_timeout` where the daemon can be told that its time is over.
 */
export function commandPrefix(command: Command, {now, cancellable}: {now: Instant; cancellable: boolean}): string {
  command.bounded = command.deadline !== null && !(command.mayBeAsked && cancellable)
  if (command.deadline === null || !command.bounded) return command.head + command.tail
  const left = Math.max(1, Math.floor(command.deadline - now))
  return `${command.head},"response_timeout":"${left}ms"${command.tail}`
}
