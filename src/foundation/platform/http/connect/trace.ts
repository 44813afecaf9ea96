// The connector's diary: one row per rung, with its time, what was seen, and the class when it broke.

import type {FailureClass} from '../../../errors/index.ts'
import type {Clock, Instant} from '../../clock.ts'
import type {TraceStep} from '../types.ts'

/** A diary of one connection attempt. */
export interface Trace {
  readonly steps: TraceStep[]
  /** The rung that is being tried, or null between and after them. */
  readonly rung: TraceStep['rung'] | null
  /** Milliseconds since the current rung began. */
  elapsed(): number
  begin(rung: TraceStep['rung']): void
  pass(detail: string): void
  fail(failure: FailureClass, detail: string): void
}

/** An empty diary. */
export function createTrace(clock: Clock): Trace {
  const steps: TraceStep[] = []
  let rung: TraceStep['rung'] | null = null
  let began: Instant = 0
  const end = (step: {ok: boolean; detail: string; failure?: FailureClass}): void => {
    if (!rung) return
    steps.push({rung, ms: Math.round((clock.now() - began) * 10) / 10, ...step})
    rung = null
  }
  return {
    steps,
    get rung() {
      return rung
    },
    elapsed: () => clock.now() - began,
    begin(next) {
      rung = next
      began = clock.now()
    },
    pass: (detail) => end({ok: true, detail}),
    fail: (failure, detail) => end({ok: false, detail, failure}),
  }
}
