// How long to wait after a failed poll. Refusals get minutes, because new tunnels and roles need up to five of them to
// work; a refused connect gets half a second, because a service that restarts listens again at any moment.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import type {Instant} from '../../../foundation/platform/index.ts'
import {backoffDelay} from '../../control-plane/index.ts'

/** What of a failure decides the delay. */
export interface DelayFacts {
  readonly failure: FailureClass
  readonly status: number | null
  /** Milliseconds, null: not given. */
  readonly retryAfter: number | null
}

/** Where the delays of one poller come from. */
export interface PollDelays {
  /** Milliseconds until the next poll, after one more failure. */
  next(facts: DelayFacts): number
  /** A poll succeeded. */
  reset(): void
}

const REFUSED: ReadonlySet<FailureClass> = new Set(['refused', 'socket_missing', 'socket_stale'])
const REFUSED_CONNECT_MS = 500
const FIRST_REFUSAL_MS = 1_000
const LONGEST_EARLY_REFUSAL_MS = 30_000
const EARLY_MS = 5 * 60_000
const LATE_REFUSAL_MS = 60_000

/** Delays that start afresh. */
export function createPollDelays(options: {readonly now: () => Instant; readonly random?: () => number}): PollDelays {
  const {now, random = Math.random} = options
  let failures = 0
  let refusals = 0
  let refusedSince: Instant = 0
  const delay = ({failure, status}: DelayFacts): number => {
    if (status === 401 || status === 403 || status === 404) {
      refusals += 1
      if (refusals === 1) refusedSince = now()
      if (now() - refusedSince >= EARLY_MS) return LATE_REFUSAL_MS
      const ceiling = Math.min(LONGEST_EARLY_REFUSAL_MS, FIRST_REFUSAL_MS * 2 ** Math.min(refusals - 1, 10))
      return FIRST_REFUSAL_MS + random() * (ceiling - FIRST_REFUSAL_MS)
    }
    refusals = 0
    const jittered = backoffDelay(failures, random)
    // Half of it fixed: a refused connect costs nothing to nobody, but it must not become a spin either.
    if (REFUSED.has(failure) && failures > 1) return REFUSED_CONNECT_MS * (0.4 + 0.5 * random())
    return jittered
  }
  return {
    next(facts) {
      failures += 1
      return Math.max(delay(facts), facts.retryAfter ?? 0)
    },
    reset() {
      failures = 0
      refusals = 0
    },
  }
}
