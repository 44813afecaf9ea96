// A fixed number of time slots in typed arrays: memory is taken once and never grows, however long the daemon runs and
// however many calls it carries.

import {CALL_COLUMNS, GAUGE_COLUMNS, LATENCY_COLUMNS, type SeriesColumn} from '../api/series.ts'
import {LatencyBuckets} from './latency-buckets.ts'

/** How a call ended: the name of its column. */
export type CallColumn = (typeof CALL_COLUMNS)[number]

/** What was measured at one moment; null: unknown. */
export interface Gauges {
  readonly queued: number
  readonly running: number
  /** Since the last successful poll, in milliseconds. */
  readonly poll_age_ms: number | null
  readonly rss_bytes: number
  readonly event_loop_lag_ms: number
}

const COLUMNS: readonly SeriesColumn[] = [...CALL_COLUMNS, ...LATENCY_COLUMNS, ...GAUGE_COLUMNS]
/** A clock that is only corrected does not go back further. */
const SLOTS_BACK = 2
const PERCENTILES = {p50_ms: 0.5, p95_ms: 0.95, p99_ms: 0.99} as const

/** One resolution of the series. Slots are numbered `floor(wall / stepMs)`; a slot that was never written is empty. */
export class SeriesRing {
  readonly stepMs: number
  readonly slots: number
  readonly #columns: Record<SeriesColumn, Float64Array>
  readonly #latency = new LatencyBuckets()
  #first: number
  #slot: number

  /** `wall`: now, in milliseconds since the epoch. */
  constructor(options: {readonly stepMs: number; readonly slots: number; readonly wall: number}) {
    this.stepMs = options.stepMs
    this.slots = options.slots
    this.#slot = Math.floor(options.wall / options.stepMs)
    this.#first = this.#slot
    this.#columns = Object.fromEntries(
      COLUMNS.map((name) => [name, new Float64Array(options.slots).fill(Number.NaN)]),
    ) as Record<SeriesColumn, Float64Array>
    this.#open(this.#slot)
  }

  /** A call has ended in the present slot. `ms`: null when it has no time that says anything. */
  call(column: CallColumn, ms: number | null): void {
    const at = this.#slot % this.slots
    const values = this.#columns[column]
    values[at] = (values[at] as number) + 1
    if (ms !== null) this.#latency.add(ms)
  }

  /** Something was measured: the slot keeps the highest. */
  measure(gauges: Gauges): void {
    const at = this.#slot % this.slots
    for (const name of GAUGE_COLUMNS) {
      const value = gauges[name]
      const before = this.#columns[name][at] as number
      if (value !== null && !(before >= value)) this.#columns[name][at] = value
    }
  }

  /**
   * Goes on to the slot of `wall`. A clock that goes back a little stays in the present slot; one that was set back makes
   * the past worthless, and all begins anew: else nothing would be seen until it is that late again.
   */
  advance(wall: number): void {
    const slot = Math.floor(wall / this.stepMs)
    if (slot <= this.#slot && slot >= this.#slot - SLOTS_BACK) return
    this.#settle()
    this.#latency.clear()
    if (slot < this.#slot) {
      this.#first = slot
      this.#slot = slot - 1
    }
    // After a long sleep there are more empty slots than the ring has.
    for (let next = Math.max(this.#slot + 1, slot - this.slots + 1); next <= slot; next++) this.#open(next)
    this.#slot = slot
  }

  /** The newest `most` slots that this ring has seen, the present one included. */
  read(most: number): {
    readonly fromMs: number
    readonly slots: number
    readonly columns: Record<SeriesColumn, (number | null)[]>
  } {
    this.#settle()
    const slots = Math.min(most, this.slots, this.#slot - this.#first + 1)
    const from = this.#slot - slots + 1
    const column = (values: Float64Array): (number | null)[] =>
      Array.from({length: slots}, (_, index) => plain(values[(from + index) % this.slots] as number))
    return {
      fromMs: from * this.stepMs,
      slots,
      columns: Object.fromEntries(COLUMNS.map((name) => [name, column(this.#columns[name])])) as Record<
        SeriesColumn,
        (number | null)[]
      >,
    }
  }

  #open(slot: number): void {
    const at = slot % this.slots
    for (const name of COLUMNS) this.#columns[name][at] = Number.NaN
    for (const name of CALL_COLUMNS) this.#columns[name][at] = 0
  }

  /** Writes the percentiles of the present slot. */
  #settle(): void {
    const at = this.#slot % this.slots
    for (const name of LATENCY_COLUMNS) {
      this.#columns[name][at] = this.#latency.percentile(PERCENTILES[name]) ?? Number.NaN
    }
  }
}

/** One decimal is more than a page shows. */
const plain = (value: number): number | null => (Number.isNaN(value) ? null : Math.round(value * 10) / 10)
