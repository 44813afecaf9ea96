// One call on its way to a daemon: what the poll answer says of it, and who waits for what comes back.

import type {Instant} from '../../../foundation/platform/index.ts'
import type {ApiError} from '../api-error.ts'
import type {ResponsePayload} from './response-payload.ts'

/** Kinds of commands; `oauth_discovery` is known to the reference's daemon but missing from the public contract. */
export type CommandType = 'jsonrpc' | 'session_termination' | 'oauth_discovery'

/** What became of a payload that a daemon posted: it was taken, nobody waits any more, or the caller reads too slowly. */
export type Outcome = 'taken' | 'gone' | 'stalled'

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
  /** Position in the order of arrival. */
  readonly seq: number
  /** JSON text from `{` up to the place where response_timeout goes. */
  readonly head: string
  /** JSON text of the `headers` member, with what follows it up to the payload. */
  readonly tail: string
  /** The caller's bytes; given up once they have been handed over. */
  payload: Buffer | null
  readonly bytes: number
  readonly enqueuedAt: Instant
  /** When the caller stops waiting; null: never. */
  readonly deadline: Instant | null
  readonly caller: CallerPort
  state: 'queued' | 'handing' | 'delivered' | 'done'
  /** Only this daemon may have it: it may have seen the command before a connection broke, and ignores a second copy. */
  onlyFor: string | null
  /** The daemon that holds it. */
  holder: string | null
  previous: Command | null
  next: Command | null
}

/** What a new command is made of. */
export interface CommandParts {
  readonly requestId: string
  readonly shardToken: string
  readonly type: CommandType
  readonly channel: string
  readonly seq: number
  /** Name and values; names keep the caller's spelling. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly payload: Buffer | null
  readonly enqueuedAt: Instant
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly deadline: Instant | null
  readonly caller: CallerPort
}

/** Makes a command. All JSON but the payload and response_timeout is built here, once. */
export function createCommand(parts: CommandParts): Command {
  const {requestId, shardToken, type, channel, payload} = parts
  const head =
    `{"request_id":"${requestId}","shard_token":"${shardToken}","command_type":"${type}","channel":"${channel}",` +
    `"created_at":"${new Date(parts.createdAt).toISOString()}"`
  const tail = `,"headers":${JSON.stringify(Object.fromEntries(parts.headers))}${payload ? ',"jsonrpc":' : ''}`
  return {
    requestId,
    shardToken,
    type,
    channel,
    seq: parts.seq,
    head,
    tail,
    payload,
    bytes: head.length + tail.length * 2 + 40 + (payload?.length ?? 0),
    enqueuedAt: parts.enqueuedAt,
    deadline: parts.deadline,
    caller: parts.caller,
    state: 'queued',
    onlyFor: null,
    holder: null,
    previous: null,
    next: null,
  }
}

/** JSON text before the payload of a command that is handed over at `now`. */
export function commandPrefix(command: Command, now: Instant): string {
  if (command.deadline === null) return command.head + command.tail
  const left = Math.max(1, Math.floor(command.deadline - now))
  return `${command.head},"response_timeout":"${left}ms"${command.tail}`
}
