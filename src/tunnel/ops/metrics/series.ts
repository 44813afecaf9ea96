// Series that cost an addition to feed. Text is made only when somebody scrapes, so a daemon that nobody scrapes never
// loads the library that makes it.

import {METRICS, type MetricName, type MetricRow} from './rows.ts'

/** Label values of one sample. */
export type Labels = Readonly<Record<string, string | number>>

/** One number with its labels. `name` differs from the series' for the parts of a histogram. */
export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

/** One named series. */
export interface Series {
  readonly name: MetricName
  readonly help: string
  readonly type: MetricRow['type']
  samples(): Sample[]
}

/** Counts up, by labels. Callers keep label values within a fixed set. */
export interface Counter extends Series {
  add(count?: number, labels?: Labels): void
}

/** Counts up by the values of two labels, for what happens with every call. */
export interface PairCounter extends Series {
  add(first: string, second: string): void
}

/** Sorts values into buckets, by labels. */
export interface Histogram extends Series {
  observe(value: number, labels?: Labels): void
  /** Sorts values of these labels, without looking for them again: for what happens with every call. */
  observer(labels: Labels): (value: number) => void
}

/** A reading with its labels. */
export type Reading = Readonly<{labels?: Labels; value: number}>

const keyOf = (labels: Labels): string => Object.values(labels).join('\u0000')

const described = (name: MetricName) => ({name, help: METRICS[name].help, type: METRICS[name].type})

/** A counter. One without labels shows 0 from the start; one with labels shows the combinations that occurred. */
export function counter(name: MetricName): Counter {
  const rows = new Map<string, {labels: Labels; value: number}>()
  if (METRICS[name].labels.length === 0) rows.set('', {labels: {}, value: 0})
  return {
    ...described(name),
    add: (count = 1, labels = {}) => {
      const key = keyOf(labels)
      const row = rows.get(key)
      if (row) row.value += count
      else rows.set(key, {labels, value: count})
    },
    samples: () => [...rows.values()].map(({labels, value}) => ({name, labels, value})),
  }
}

/** A counter with exactly two labels. */
export function pairCounter(name: MetricName): PairCounter {
  const rows = new Map<string, Map<string, number>>()
  const [first, second] = METRICS[name].labels.map((label) => label.name) as [string, string]
  return {
    ...described(name),
    add: (one, two) => {
      let row = rows.get(one)
      if (row === undefined) {
        row = new Map()
        rows.set(one, row)
      }
      row.set(two, (row.get(two) ?? 0) + 1)
    },
    samples: () =>
      [...rows].flatMap(([one, row]) =>
        [...row].map(([two, value]) => ({name, labels: {[first]: one, [second]: two}, value})),
      ),
  }
}

/** A series that is read when it is scraped: one number, or several with their labels. */
export function reading(name: MetricName, read: () => number | readonly Reading[]): Series {
  return {
    ...described(name),
    samples: () => {
      const values = read()
      if (typeof values === 'number') return [{name, labels: {}, value: values}]
      return values.map(({labels, value}) => ({name, labels: labels ?? {}, value}))
    },
  }
}

/** A histogram with these upper bounds, ascending. */
export function histogram(name: MetricName, bounds: readonly number[]): Histogram {
  const rows = new Map<string, HistogramRow>()
  const rowOf = (labels: Labels): HistogramRow => {
    const key = keyOf(labels)
    let row = rows.get(key)
    if (!row) {
      row = {labels, counts: new Float64Array(bounds.length + 1), sum: 0}
      rows.set(key, row)
    }
    return row
  }
  const sort = (row: HistogramRow, value: number): void => {
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    row.counts[bucket] = (row.counts[bucket] as number) + 1
    row.sum += value
  }
  return {
    ...described(name),
    observe: (value, labels = {}) => sort(rowOf(labels), value),
    observer: (labels) => {
      const row = rowOf(labels)
      return (value) => sort(row, value)
    },
    samples: () => [...rows.values()].flatMap((row) => histogramSamples(name, bounds, row)),
  }
}

interface HistogramRow {
  readonly labels: Labels
  /** One more than there are bounds: the last is for values above all of them. */
  readonly counts: Float64Array
  sum: number
}

function histogramSamples(name: string, bounds: readonly number[], row: HistogramRow): Sample[] {
  let total = 0
  const buckets = Array.from(row.counts, (count, index) => {
    total += count
    return {name: `${name}_bucket`, labels: {le: bounds[index] ?? '+Inf', ...row.labels}, value: total}
  })
  return [
    ...buckets,
    {name: `${name}_sum`, labels: row.labels, value: row.sum},
    {name: `${name}_count`, labels: row.labels, value: total},
  ]
}
