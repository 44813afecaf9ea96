// Series that cost an addition to feed. Text is made only when somebody scrapes, so a daemon that nobody scrapes never
// loads the library that makes it.

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
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  samples(): Sample[]
}

/** Counts up, by labels. Callers keep label values within a fixed set. */
export interface Counter extends Series {
  add(count?: number, labels?: Labels): void
}

/** Sorts values into buckets, by labels. */
export interface Histogram extends Series {
  observe(value: number, labels?: Labels): void
}

interface Named {
  readonly name: string
  readonly help: string
}

const keyOf = (labels: Labels): string => Object.values(labels).join('\u0000')

/** A counter. One without labels shows 0 from the start; one with labels shows the combinations that occurred. */
export function counter({name, help, labelled = false}: Named & {readonly labelled?: boolean}): Counter {
  const rows = new Map<string, {labels: Labels; value: number}>()
  if (!labelled) rows.set('', {labels: {}, value: 0})
  return {
    name,
    help,
    type: 'counter',
    add: (count = 1, labels = {}) => {
      const key = keyOf(labels)
      const row = rows.get(key)
      if (row) row.value += count
      else rows.set(key, {labels, value: count})
    },
    samples: () => [...rows.values()].map(({labels, value}) => ({name, labels, value})),
  }
}

/** A gauge that is read when it is scraped. */
export function gauge({name, help, read}: Named & {readonly read: () => number}): Series {
  return {name, help, type: 'gauge', samples: () => [{name, labels: {}, value: read()}]}
}

/** A histogram with these upper bounds, ascending. */
export function histogram({name, help, bounds}: Named & {readonly bounds: readonly number[]}): Histogram {
  const rows = new Map<string, HistogramRow>()
  return {
    name,
    help,
    type: 'histogram',
    observe: (value, labels = {}) => {
      const key = keyOf(labels)
      let row = rows.get(key)
      if (!row) {
        row = {labels, counts: new Float64Array(bounds.length + 1), sum: 0}
        rows.set(key, row)
      }
      let bucket = 0
      while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
      row.counts[bucket] = (row.counts[bucket] as number) + 1
      row.sum += value
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
