// The metadata request: it tells the tunnel's name, and its answer is the witness that the poll before it was accepted, for
// services that send no interim 102.

import type {Clock, Logger, TimerWheel} from '../../../foundation/platform/index.ts'
import type {ControlPlaneClient, ServiceFailure} from '../../control-plane/index.ts'
import type {PollStatus, RelayEvent} from '../types.ts'

/** What {@link createWitness} needs. */
export interface WitnessOptions {
  readonly client: ControlPlaneClient
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly log: Logger
  readonly emit: (event: RelayEvent) => void
  /** False when nobody needs a witness any more. */
  readonly wanted: () => boolean
  /** What is known of polling: what it has said already is not said again. */
  readonly poll: () => Pick<PollStatus, 'state' | 'failure'>
}

/** A service that sends 102 has done so by then; and one that refuses the poll has refused it. */
const AFTER_MS = 250
/** No witness is called more often than this. */
const PAUSE_MS = 5_000

/** Call it with `first` when the first poll is on the wire, with `later` when one is while polling is not proved. */
export function createWitness(options: WitnessOptions): (when: 'first' | 'later') => void {
  const {client, clock, wheel, log, emit, wanted, poll} = options
  let planned = false
  let said = ''
  let lastAt = Number.NEGATIVE_INFINITY
  /** Tells of a failure, at a low voice when the poll has told the same. */
  const complain = ({failure, message, status, code}: ServiceFailure): void => {
    const level = poll().failure === failure ? 'debug' : 'warn'
    log[level]('tunnel metadata fetch failed', {
      error: message,
      ...(status === null ? {} : {status_code: status}),
      ...(code === null ? {} : {error_code: code}),
    })
  }
  const ask = (): void => {
    lastAt = clock.now()
    void client.metadata().then((outcome) => {
      planned = false
      const saying = outcome.kind === 'ok' ? 'ok' : outcome.failure.failure
      if (saying !== said && outcome.kind === 'ok') {
        const {id, name, description} = outcome.metadata
        log.info('tunnel metadata fetched', {tunnel_id: id, name, description})
      } else if (saying !== said && outcome.kind === 'failed') {
        const {failure} = outcome
        if (poll().state === 'pending') wheel.at(clock.now() + AFTER_MS, () => complain(failure))
        else complain(failure)
      }
      said = saying
      emit({type: 'metadata', outcome})
    })
  }
  return (when) => {
    if (planned) return
    planned = true
    if (when === 'first') {
      ask()
      return
    }
    wheel.at(Math.max(clock.now() + AFTER_MS, lastAt + PAUSE_MS), () => {
      if (wanted()) ask()
      else planned = false
    })
  }
}
