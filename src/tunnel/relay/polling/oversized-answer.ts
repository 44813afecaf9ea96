// The part of a poll answer that goes far beyond what was asked for. It is decoded in slices that yield to the event loop, and
// each command in it is refused with a typed 503. The next slice waits until the refusals of this one are delivered, so that a
// broken service fills neither the memory nor the connections.

import type {Clock, Logger} from '../../../foundation/platform/index.ts'
import type {PolledCommand, RejectedCommand} from '../../../foundation/wire/index.ts'
import type {ServiceFailure, UndecodedRest} from '../../control-plane/index.ts'

/** Time for all of it. Most callers have given up by then, and no poll can bring their next calls meanwhile. */
const MAX_MS = 60_000

/** One slice. */
export interface RefusedSlice {
  readonly commands: readonly PolledCommand[]
  readonly rejected: readonly RejectedCommand[]
  /** Elements that are counted only. */
  readonly dropped: number
}

/** Options of {@link refuseRest}. */
export interface RefuseRestOptions {
  readonly rest: UndecodedRest
  readonly clock: Clock
  readonly log: Logger
  /** Refuses every command of a slice; `done` is called once, when all refusals are delivered or given up. */
  readonly refuse: (slice: RefusedSlice, done: () => void) => void
  /** All is refused, or the time is over. Not called after {@link RestInProgress.stop}. */
  readonly onDone: (cut: ServiceFailure | null) => void
}

/** Refusals in progress. */
export interface RestInProgress {
  /** Nothing more is decoded. */
  stop(): void
}

/** Starts with the next turn of the event loop. */
export function refuseRest({rest, clock, log, refuse, onDone}: RefuseRestOptions): RestInProgress {
  const until = clock.now() + MAX_MS
  let isStopped = false
  let refused = 0
  let malformed = 0
  const end = (unread: number, cut: ServiceFailure | null): void => {
    log.error('poll answer held more commands than this client decodes at once; the others were refused', {
      refused,
      malformed,
      unread_bytes: unread,
    })
    onDone(cut)
  }
  const step = (at: Pick<UndecodedRest, 'next'>): void => {
    if (isStopped) return
    const slice = at.next()
    refused += slice.commands.length
    malformed += slice.rejected.length + slice.dropped
    refuse(slice, () => {
      if (isStopped) return
      if (slice.rest === null) end(0, rest.cutBy(slice.truncated))
      else if (clock.now() >= until) end(slice.rest.bytes, null)
      else {
        const {rest: next} = slice
        setImmediate(() => step(next))
      }
    })
  }
  setImmediate(() => step(rest))
  return {
    stop: () => {
      isStopped = true
    },
  }
}
