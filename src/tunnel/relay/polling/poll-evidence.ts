// What may be claimed about polling (design law 9): accepted, failing, stale or nothing yet, with the evidence's age.

import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import type {ServiceFailure} from '../../control-plane/index.ts'
import type {PollStatus, RelayEvent} from '../types.ts'

/** What {@link createPollEvidence} needs. */
export interface PollEvidenceOptions {
  readonly clock: Clock
  /** Milliseconds after which evidence counts no more: poll timeout plus guardrail. */
  readonly maxAge: number
  readonly emit: (event: RelayEvent) => void
}

/** The memory of the poller's fate. */
export interface PollEvidence {
  /** A poll was answered or stands accepted. Returns true when polling had been failing before. */
  accepted(): boolean
  /** A poll was refused or broke. Returns true when this is another failure than before. */
  failed(failure: ServiceFailure): boolean
  /** Idle polls get cut on the way. Returns true the first time. */
  idleCut(): boolean
  /** False as long as nothing proves that polls are accepted. */
  isAccepted(): boolean
  status(): PollStatus
}

/** No evidence yet. */
export function createPollEvidence({clock, maxAge, emit}: PollEvidenceOptions): PollEvidence {
  let at: Instant = 0
  let hint = false
  let status: PollStatus = {
    state: 'pending',
    since: clock.wall(),
    lastSuccessWall: null,
    failure: null,
    message: null,
    status: null,
    mitigation: null,
    failures: 0,
    idleCutHint: false,
  }
  const set = (next: PollStatus, changed: boolean): void => {
    status = next
    if (changed) emit({type: 'poll_state', status})
  }
  const isStale = (): boolean => status.state === 'accepted' && clock.now() - at > maxAge
  return {
    accepted() {
      const wall = clock.wall()
      const recovered = status.failures > 0
      const changed = status.state !== 'accepted'
      at = clock.now()
      set(
        {
          state: 'accepted',
          since: changed ? wall : status.since,
          lastSuccessWall: wall,
          failure: null,
          message: null,
          status: null,
          mitigation: null,
          failures: 0,
          idleCutHint: hint,
        },
        changed,
      )
      emit({type: 'poll_success', wall})
      return recovered
    },
    failed({failure, message, status: code, mitigation}) {
      const changed = status.state !== 'failing' || status.failure !== failure || status.status !== code
      set(
        {
          state: 'failing',
          since: changed ? clock.wall() : status.since,
          lastSuccessWall: status.lastSuccessWall,
          failure,
          message,
          status: code,
          mitigation,
          failures: status.failures + 1,
          idleCutHint: hint,
        },
        changed,
      )
      return changed
    },
    idleCut() {
      const first = !hint
      hint = true
      return first
    },
    isAccepted: () => status.state === 'accepted' && !isStale(),
    status: () => (isStale() ? {...status, state: 'stale', since: (status.lastSuccessWall ?? 0) + maxAge} : status),
  }
}
