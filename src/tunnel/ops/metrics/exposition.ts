// Prometheus text of our series. prom-client does the escaping and the layout; it is loaded at the first scrape.

import type {Metric} from 'prom-client'
import type {Series} from './series.ts'

/** A rendered scrape. */
export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** Renders all series at once. */
export async function expose(series: readonly Series[]): Promise<Exposition> {
  const {Registry} = await import('prom-client')
  const registry = new Registry()
  for (const one of series) registry.registerMetric(asMetric(one))
  return {contentType: registry.contentType, text: await registry.metrics()}
}

/** What a registry reads of a metric: its name and `get()`. */
function asMetric({name, help, type, samples}: Series): Metric {
  const values = () => samples().map((sample) => ({...sample, metricName: sample.name}))
  return {name, get: async () => ({name, help, type, values: values(), aggregator: 'sum'})} as unknown as Metric
}
