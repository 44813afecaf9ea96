// One command's trace while it is being written. It runs for every call: fields are set, nothing is computed; what costs
// more (wall clock, hash) is done for whoever reads.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import type {TransportKind} from '../../channels/index.ts'
import type {RequestKind} from '../types.ts'
import type {CallOutcome, CallTrace} from './call-trace.ts'

/** What every command shows, also one that cannot be run. */
export interface TraceSubject {
  readonly requestId: string
  readonly channel: string
  /** Wall clock of the service. */
  readonly createdAt: number | null
  readonly receivedAt: Instant
}

/**
 * How a command's delivery ended. `expired`: its deadline passed, nothing more is posted; `cancelled`: the caller has gone,
 * nobody wants an answer.
 */
export type Fate = 'delivered' | 'undelivered' | 'expired' | 'cancelled' | 'aborted'

/** A {@link CallTrace} that is being written. Instants are monotonic; `…At` is what readers get. */
export class CallRecord implements CallTrace {
  readonly requestId: string
  readonly channel: string
  readonly enqueuedAt: number | null
  rpcId: string | null = null
  transport: TransportKind | null = null
  kind: RequestKind = 'call'
  method: string | null = null
  tool: string | null = null
  requestBytes = 0
  responseBytes: number | null = null
  notifications = 0
  outcome: CallOutcome = 'open'
  status: number | null = null
  failure: FailureClass | null = null
  attempts = 0
  dispatched: Instant | null = null
  firstByte: Instant | null = null
  answered: Instant | null = null
  posted: Instant | null = null
  acknowledged: Instant | null = null
  ended: Instant | null = null
  /** The MCP server has said something that counts as its answer. */
  heard = false
  readonly #polled: Instant
  readonly #skew: number
  readonly #hash: (sessionId: string) => string
  /** Private: what prints a trace must not print this. */
  #sessionId: string | null = null

  /** `skew` is the wall clock less the monotonic one. */
  constructor(subject: TraceSubject, {skew, hash}: {readonly skew: number; readonly hash: (id: string) => string}) {
    this.requestId = subject.requestId
    this.channel = subject.channel
    this.enqueuedAt = subject.createdAt
    this.#polled = subject.receivedAt
    this.#skew = skew
    this.#hash = hash
  }

  get session(): string | null {
    return this.#sessionId === null ? null : this.#hash(this.#sessionId)
  }

  get polledAt(): number {
    return this.#polled + this.#skew
  }

  get dispatchedAt(): number | null {
    return this.#wall(this.dispatched)
  }

  get firstByteAt(): number | null {
    return this.#wall(this.firstByte ?? (this.heard ? this.answered : null))
  }

  get answeredAt(): number | null {
    return this.#wall(this.answered)
  }

  get postedAt(): number | null {
    return this.#wall(this.posted)
  }

  get acknowledgedAt(): number | null {
    return this.#wall(this.acknowledged)
  }

  get endedAt(): number | null {
    return this.#wall(this.ended)
  }

  /** The command belongs to this MCP session. */
  belongsTo(sessionId: string): void {
    this.#sessionId = sessionId
  }

  /** The answer has begun. */
  begun(clock: Clock): void {
    this.firstByte ??= clock.now()
  }

  /** The MCP server has sent a message before its answer. */
  notified(clock: Clock): void {
    this.notifications += 1
    this.begun(clock)
  }

  /** It is over. */
  end(fate: Fate, now: Instant): void {
    this.ended = now
    this.outcome = fate === 'delivered' ? this.#delivered() : fate
    if (fate === 'expired') this.failure = 'deadline'
    else if (fate === 'aborted') this.failure = 'draining'
    else if (fate === 'cancelled') this.failure = 'canceled'
  }

  #delivered(): CallOutcome {
    if (this.failure === 'canceled') return 'cancelled'
    if (this.failure === null) return 'answered'
    return this.dispatched === null ? 'refused' : 'error'
  }

  #wall(at: Instant | null): number | null {
    return at === null ? null : at + this.#skew
  }
}
