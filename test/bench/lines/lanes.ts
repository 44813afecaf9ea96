// A channel full of calls that never end, and open subscriptions: neither may be felt by anybody else. Default limits.

import {type BenchContext, digits, type LineGroup, type LineResult} from '../line.ts'
import {median, type Slice, slice} from '../stack/figures.ts'
import {startLoad} from '../stack/load.ts'
import type {Part} from '../stack/processes.ts'
import {type Stack, startMcpServer, startStack} from '../stack/stack.ts'

const HANGING = {id: 'lanes', name: '3 × (max-inflight + concurrency) hanging calls on `tools`, defaults: `main`'}
const LISTENS = {id: 'lanes-listen', name: 'ten open subscriptions/listen, defaults'}
const HUNG = 3 * (20 + 10)
const MOST_P50 = 1.2
const MOST_P99 = 2
const DEFAULTS = {'control-plane.max-inflight': null, 'mcp.max-concurrent-requests': null}
const SERVICE = ['--response-timeout', '10m']

/** Two daemons of the same kind, one of them with its channel `tools` full; slices of `main` alternate between them. */
export const lanes: LineGroup = {
  lines: [HANGING, LISTENS],
  async run(context, wanted) {
    const results: LineResult[] = []
    const http = await startMcpServer()
    try {
      if (wanted(HANGING.id)) results.push(await measureHanging(context, http))
      if (wanted(LISTENS.id)) results.push(await measureListens(context, http))
    } finally {
      await http.stop()
    }
    return results
  },
}

async function measureHanging(context: BenchContext, http: Part): Promise<LineResult> {
  const tools = await startMcpServer()
  const stacks: Stack[] = []
  const urls = [`url=${http.info.url},channel=main`, `url=${tools.info.url},channel=tools`]
  const flags = {...DEFAULTS, 'mcp.server-url': urls}
  const spec = {client: context.ours, mcp: {http}, folder: context.folder, flags, serviceFlags: SERVICE}
  let hanging: ReturnType<typeof startLoad> | null = null
  try {
    const alone = await startStack(spec)
    stacks.push(alone)
    const beside = await startStack(spec)
    stacks.push(beside)
    hanging = await hang({url: `${beside.url}/tools`, callers: HUNG, delay: 3_600_000})
    const slices = {alone: [] as Slice[], beside: [] as Slice[]}
    const load = {callers: 8, size: 1024, seconds: Math.max(2, context.seconds)}
    // Both need seconds until they are as quick as they get, and not the same ones.
    for (const stack of stacks) await slice(stack, {...load, seconds: 4})
    for (let round = 0; round < Math.max(5, context.rounds); round++) {
      slices.alone.push(await slice(alone, load))
      slices.beside.push(await slice(beside, load))
    }
    const middle = (some: readonly Slice[], key: 'p50' | 'p99') =>
      median(some.map((one) => one.load[key] ?? Number.NaN))
    const p50 = middle(slices.beside, 'p50') / middle(slices.alone, 'p50')
    const p99 = middle(slices.beside, 'p99') / middle(slices.alone, 'p99')
    const errors = slices.beside.reduce((sum, one) => sum + one.load.errors, 0)
    return {
      ...HANGING,
      target: `p50 ≤ ${MOST_P50} ×, p99 ≤ ${MOST_P99} × its value alone`,
      reached: `p50 ${digits(p50)} ×, p99 ${digits(p99)} ×, ${errors} errors`,
      met: errors === 0 && p50 <= MOST_P50 && p99 <= MOST_P99,
      rows: Object.entries(slices).map(([name, some]) => ({
        client: name === 'alone' ? 'alone' : `beside ${HUNG} hanging`,
        figures: {
          'calls/s': median(some.map((one) => one.load.perSecond)),
          p50: middle(some, 'p50'),
          p99: middle(some, 'p99'),
          errors: some.reduce((sum, one) => sum + one.load.errors, 0),
        },
      })),
    }
  } finally {
    hanging?.stop()
    for (const stack of stacks) await stack.stop()
    await tools.stop()
  }
}

async function measureListens(context: BenchContext, http: Part): Promise<LineResult> {
  const stack = await startStack({
    client: context.ours,
    mcp: {http},
    folder: context.folder,
    flags: DEFAULTS,
    serviceFlags: SERVICE,
  })
  let listening: ReturnType<typeof startLoad> | null = null
  try {
    const before = await slice(stack, {callers: 8, size: 1024, seconds: context.seconds})
    listening = await hang({url: stack.url, callers: 10, method: 'subscriptions/listen', protocol: '2026-07-28'})
    const beside = await slice(stack, {callers: 8, size: 1024, seconds: context.seconds})
    const {errors, calls} = beside.load
    return {
      ...LISTENS,
      target: 'the tunnel stays usable',
      reached: `${calls} right answers, ${errors} errors; p50 ${digits((beside.load.p50 ?? 0) / (before.load.p50 ?? 0))} ×`,
      met: errors === 0 && calls > 0,
      rows: [before, beside].map(({load}, index) => ({
        client: index === 0 ? 'alone' : 'beside 10 listens',
        figures: {'calls/s': load.perSecond, p50: load.p50, p99: load.p99, errors: load.errors},
      })),
    }
  } finally {
    listening?.stop()
    await stack.stop()
  }
}

/** Starts calls that nobody answers, and gives them a second to get where they hang. */
async function hang(options: {url: string; callers: number; delay?: number; method?: string; protocol?: string}) {
  return await new Promise<ReturnType<typeof startLoad>>((resolve) => {
    const load = startLoad({size: 16, once: true, timeoutMs: 3_600_000, ...options}, ({mark}) => {
      if (mark === 'sent') setTimeout(() => resolve(load), 1000)
    })
    load.result.catch(() => {})
  })
}
