// Evidence that an outstanding poll was accepted, for services that send no interim 102: a poll that was written completely
// and not refused, while a request that was sent later to the same origin has been answered and 50 ms have passed.

import type {Instant, TimerWheel} from '../../../foundation/platform/index.ts'

const SETTLE_MS = 50

/** One outstanding poll. */
export interface OutstandingPoll {
  /** Calls the poll accepted. At most once. */
  accept(): void
}

/** Watches polls and witnesses. */
export interface Acceptance {
  /** The poll is on the wire. */
  sent(poll: OutstandingPoll): void
  /** The poll has ended, in whatever way, or was accepted otherwise. */
  ended(poll: OutstandingPoll): void
  /** Another request, started at `startedAt`, got a final status. */
  witness(startedAt: Instant, status: number): void
}

/** An empty watch. */
export function createAcceptance(wheel: TimerWheel, now: () => Instant): Acceptance {
  /** Those that nothing has proved yet: every answer that is acknowledged looks at them. */
  const open = new Map<OutstandingPoll, Instant>()
  return {
    sent(poll) {
      open.set(poll, now())
    },
    ended(poll) {
      open.delete(poll)
    },
    witness(startedAt, status) {
      if (open.size === 0 || status === 401 || status === 403 || status >= 500) return
      for (const [poll, sentAt] of open) {
        if (sentAt > startedAt) continue
        // One witness is enough.
        open.set(poll, Number.POSITIVE_INFINITY)
        wheel.at(now() + SETTLE_MS, () => {
          if (open.delete(poll)) poll.accept()
        })
      }
    },
  }
}
