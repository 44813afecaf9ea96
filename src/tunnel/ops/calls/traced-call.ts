// A call as this room is given it. Whoever relays owns the object: it changes until the call is over.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import type {CallOutcomeName} from '../api/calls.ts'

/** Times are wall clock milliseconds; null: it did not get there. */
export interface TracedCall {
  readonly requestId: string
  readonly rpcId: string | null
  readonly channel: string
  readonly transport: string | null
  readonly kind: string
  readonly method: string | null
  readonly tool: string | null
  readonly session: string | null
  readonly requestBytes: number
  readonly responseBytes: number | null
  readonly notifications: number
  readonly outcome: CallOutcomeName
  readonly status: number | null
  readonly failure: FailureClass | null
  readonly attempts: number
  readonly enqueuedAt: number | null
  readonly polledAt: number
  readonly dispatchedAt: number | null
  readonly firstByteAt: number | null
  readonly answeredAt: number | null
  readonly postedAt: number | null
  readonly acknowledgedAt: number | null
  readonly endedAt: number | null
}
