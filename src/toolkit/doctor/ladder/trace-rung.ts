// The rungs below HTTP differ only in name and advice: what happened there stands in the connector's trace.

import type {TraceStep} from '../../../foundation/platform/index.ts'
import {type Finding, fail, type LadderRung, pass, type RungCheck, rung} from '../check.ts'
import type {PathTrace} from '../sources/path-trace.ts'
import {provedByDaemon} from './proved-by-daemon.ts'

/** What makes one of these rungs. */
export interface TraceRung {
  readonly id: Extract<LadderRung, TraceStep['rung']>
  readonly title: string
  readonly why: string
  readonly next: readonly string[]
}

/** A rung that is read from the trace. */
export const traceRung = (given: TraceRung): RungCheck =>
  rung({
    ...given,
    rung: given.id,
    kinds: ['control_plane', 'mcp'],
    needs: ['path', 'proof'],
    run: async (context) => {
      const proved = await provedByDaemon(context)
      if (proved) return proved
      const path = await context.fact('path')
      return path === null ? null : readRung(given.id, path)
    },
  })

/** What the trace says about one rung; null when it was not taken (no TLS, no name to resolve). */
export function readRung(id: TraceStep['rung'], {hop, steps, broken}: PathTrace): Finding | null {
  const step = steps.findLast((seen) => seen.rung === id)
  if (broken?.rung === id) {
    const detail = step?.detail ?? ''
    return fail(broken.message, {
      failure: broken.failure,
      raw: detail || broken.message,
      hop,
      evidence: [...new Set([detail, broken.message])].filter((line) => line !== ''),
      ...(step === undefined ? {} : {ms: step.ms}),
    })
  }
  return step === undefined ? null : pass(step.detail, {hop, ms: step.ms, source: 'probe'})
}
