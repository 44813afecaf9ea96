// What every part of one relay works with: made once, handed on, and never asked for anything global.

import type {Clock, InFlight, Instant, Logger, TimerWheel} from '../../foundation/platform/index.ts'
import type {ControlPlaneClient, RequestHandle} from '../control-plane/index.ts'
import type {SeenSet} from './seen-set.ts'
import type {Tracer} from './trace/tracer.ts'
import type {RelayEvent, RelayLimits} from './types.ts'

/** What the parts of the relay share. */
export interface Core {
  readonly client: ControlPlaneClient
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly limits: RelayLimits
  readonly log: Logger
  readonly seen: SeenSet
  /** Terminal answers on their way. */
  readonly deliveries: InFlight<string, RequestHandle>
  readonly totals: {
    polled: number
    delivered: number
    undelivered: number
    duplicates: number
    notificationsDropped: number
    posting: number
  }
  readonly emit: (event: RelayEvent) => void
  readonly tracer: Tracer
  /** A connection to the service was given up then: it had gone dead without a word. */
  readonly onSilence: (at: Instant) => void
}
