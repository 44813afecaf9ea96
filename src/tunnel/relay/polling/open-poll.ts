// What the poller keeps of each poll in flight.

import type {PollHandle, PollOutcome, PollSink, ServiceFailure} from '../../control-plane/index.ts'
import type {RestInProgress} from './oversized-answer.ts'

/** `urgent`: asks for answers and cancellations only, which need no room. */
export type Kind = 'main' | 'extra' | 'urgent'

/** A poll that was answered. */
export type Answered = Extract<PollOutcome, {kind: 'answered'}>

/** A poll in flight. */
export interface Open extends PollSink {
  kind: Kind
  readonly limit: number
  /** Room that is kept for what it brings. */
  promise: number
  readonly timeoutMs: number
  readonly startedAt: number
  hasHead: boolean
  /** We have hung up, and wait for what is on its way. */
  isLeaving: boolean
  handle: PollHandle | null
  /** The rest of its answer is being refused. */
  rest: RestInProgress | null
}

/** True for a request that was written, and whose connection ended before anything was answered. */
export function isCut({transport, status, failure}: ServiceFailure): boolean {
  return transport !== null && !transport.unsent && status === null && (failure === 'reset' || failure === 'closed')
}
