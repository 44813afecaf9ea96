// The way of a call as stretches between two stations, and whose turn it was in each.

import type {CallPhaseDocument, CallPhaseName, CallTurn} from '../api/calls.ts'
import type {TracedCall} from './traced-call.ts'

/** The phase that starts at a station. */
const AFTER = {
  enqueuedAt: ['service_queue', 'service'],
  polledAt: ['lane', 'daemon'],
  dispatchedAt: ['mcp_wait', 'mcp'],
  firstByteAt: ['mcp_answer', 'mcp'],
  answeredAt: ['delivery', 'daemon'],
  postedAt: ['service_ack', 'service'],
} as const satisfies Partial<Record<keyof TracedCall, readonly [CallPhaseName, CallTurn]>>

type Station = keyof typeof AFTER

const STATIONS = Object.keys(AFTER) as Station[]

const CLOCK_STEP_MS = 1

/** The stretches that the call went, in order; the last one ends now while the call is open. */
export function phasesOf(call: TracedCall, nowWall: number): CallPhaseDocument[] {
  const passed = STATIONS.filter((station) => call[station] !== null)
  return passed.map((station, at) => {
    const [phase, turn] = AFTER[station]
    const from = call[station] as number
    const next = passed[at + 1]
    const to = next === undefined ? (call.acknowledgedAt ?? call.endedAt ?? nowWall) : (call[next] as number)
    // Only the service's clock is another one than ours, and it tells whole milliseconds.
    const ms = station === 'enqueuedAt' && from - to > CLOCK_STEP_MS ? null : Math.max(0, rounded(to - from))
    return {phase, turn, ms, last: next === undefined}
  })
}

/** Whose turn it is in an open call. */
export function waitingOn(call: TracedCall): CallTurn | null {
  if (call.outcome !== 'open') return null
  const at = STATIONS.findLast((station) => call[station] !== null) ?? 'polledAt'
  return AFTER[at][1]
}

/** Three decimals: more would only be noise of the arithmetic. */
export const rounded = (ms: number): number => Math.round(ms * 1000) / 1000
