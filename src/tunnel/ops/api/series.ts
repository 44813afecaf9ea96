// The document of `GET /api/series`: what happened lately, as columns of equal length. Types, and the names of the columns.

import type {ChangeDocument} from './state.ts'

/** Calls that ended in a slot, by how they ended. */
export const CALL_COLUMNS = ['answered', 'error', 'refused', 'cancelled', 'expired', 'undelivered', 'aborted'] as const

/** Percentiles of the time from the poll's answer to the delivered answer, in milliseconds; null without a call. */
export const LATENCY_COLUMNS = ['p50_ms', 'p95_ms', 'p99_ms'] as const

/** The highest value that was seen in a slot; null when nobody looked (the machine slept). */
export const GAUGE_COLUMNS = ['queued', 'running', 'poll_age_ms', 'rss_bytes', 'event_loop_lag_ms'] as const

/** Name of a column. */
export type SeriesColumn =
  | (typeof CALL_COLUMNS)[number]
  | (typeof LATENCY_COLUMNS)[number]
  | (typeof GAUGE_COLUMNS)[number]

/** The whole. Slot `i` starts at `from_ms + i * step_ms`; the last one is still being filled. */
export interface SeriesDocument {
  readonly schema_version: 1
  readonly range: '15m' | '1h' | '24h'
  readonly step_ms: number
  /** Milliseconds since the epoch. */
  readonly from_ms: number
  readonly slots: number
  readonly columns: Readonly<Record<SeriesColumn, readonly (number | null)[]>>
  /** What the values run against. */
  readonly limits: {readonly queue: number; readonly running: number}
  /** Changes of the verdict within the range, for markers. */
  readonly changes: readonly ChangeDocument[]
}
