// What a daemon takes at its peak, and whether it grows: fresh daemons under 64 callers, and the soak of a million calls.

import {type BenchContext, type ClientFigures, digits, type LineGroup, type LineResult} from '../line.ts'
import {median} from '../stack/figures.ts'
import {runLoad} from '../stack/load.ts'
import {childrenOf, openFiles, peakRss, rss} from '../stack/proc.ts'
import {type Stack, startMcpServer, startStack} from '../stack/stack.ts'

const PEAK = {id: 'rss', name: 'peak RSS at 64 callers'}
const SOAK = {id: 'soak', name: 'soak'}
const MOST_OVER_FLOOR = 50
const MOST_GROWTH = 0.05
const REST_MS = 120_000

/** Table row 7, first half. */
export const memory: LineGroup = {
  lines: [PEAK],
  async run(context) {
    const http = await startMcpServer()
    const stacks: Stack[] = []
    try {
      for (const client of context.clients) {
        stacks.push(await startStack({client, mcp: {http}, folder: context.folder}))
      }
      const seconds = context.quick ? 5 : 20
      for (const {url} of stacks) await runLoad({url, callers: 64, size: 1024, seconds})
      const peaks = new Map(stacks.map(({client, daemon}) => [client.name, peakRss(daemon.pid)]))
      const ours = peaks.get('ours') ?? null
      const floor = peaks.get('floor') ?? null
      return [
        {
          ...PEAK,
          target: `≤ floor + ${MOST_OVER_FLOOR} MiB`,
          reached: `${digits(ours, 0)} MiB, floor ${digits(floor, 0)} MiB`,
          met: ours === null || floor === null ? null : ours <= floor + MOST_OVER_FLOOR,
          rows: [...peaks].map(([client, peak]): ClientFigures => ({client, figures: {'peak RSS MiB': peak}})),
        },
      ]
    } finally {
      for (const stack of stacks) await stack.stop()
      await http.stop()
    }
  },
}

/** Table row 7, second half: `--soak <calls>`. */
export const soak: LineGroup = {
  lines: [SOAK],
  onDemand: (context) => context.soakCalls > 0,
  async run(context) {
    const http = await startMcpServer()
    let stack: Stack | null = null
    try {
      stack = await startStack({client: context.ours, mcp: {http}, folder: context.folder})
      return [await runSoak(context, stack)]
    } finally {
      await stack?.stop()
      await http.stop()
    }
  },
}

interface Sample {
  readonly calls: number
  readonly rss: number
  readonly files: number
  readonly children: number
}

async function runSoak(context: BenchContext, stack: Stack): Promise<LineResult> {
  const {soakCalls: calls} = context
  const {pid} = stack.daemon
  const samples: Sample[] = []
  const every = Math.max(1000, Math.floor(calls / 200))
  const first = Math.min(100_000, Math.floor(calls / 10))
  const rest = openFiles(pid) ?? 0
  const from = performance.now()
  const load = await runLoad({url: stack.url, callers: 64, size: 1024, calls, every}, ({finished}) => {
    if (finished === undefined) return
    const sample = {
      calls: finished,
      rss: rss(pid) ?? Number.NaN,
      files: openFiles(pid) ?? Number.NaN,
      children: childrenOf(pid).length,
    }
    samples.push(sample)
    if (samples.length % 20 !== 0) return
    const seconds = Math.round((performance.now() - from) / 1000)
    context.say(`soak: ${finished} calls in ${seconds} s, RSS ${digits(sample.rss, 0)} MiB, ${sample.files} files`)
  })
  // Garbage collection makes single samples jump; the middle of a tenth of the run does not. Connections come and go with
  // the load, so that what leaks shows when it is over.
  const tenth = calls / 10
  const early = samples.filter((one) => one.calls >= first && one.calls <= first + tenth)
  const late = samples.filter((one) => one.calls >= calls - tenth)
  const middle = (some: readonly Sample[], pick: (one: Sample) => number) => median(some.map(pick))
  const before = middle(early, (one) => one.rss)
  const after = middle(late, (one) => one.rss)
  const growth = after / before - 1
  const children = [middle(early, (one) => one.children), middle(late, (one) => one.children)]
  const files = await filesAtRest(pid, rest)
  return {
    ...SOAK,
    name: `soak, ${calls} calls, 64 callers`,
    target: `RSS growth from ${first} calls on ≤ ${MOST_GROWTH * 100} %, files as before when it is over, children constant`,
    reached: `${digits(growth * 100, 1)} %, files ${rest} → ${files}, children ${children.join(' → ')}, ${load.errors} errors`,
    met: load.errors === 0 && growth <= MOST_GROWTH && files <= rest && children[0] === children[1],
    rows: [
      {
        client: 'ours',
        figures: {
          'RSS MiB early': before,
          'RSS MiB late': after,
          'peak RSS MiB': peakRss(pid),
          'files under load': `${middle(early, (one) => one.files)} → ${middle(late, (one) => one.files)}`,
          calls: load.calls,
        },
      },
    ],
  }
}

/** Open files once idle connections are gone, for which both ends take up to a minute and a half. */
async function filesAtRest(pid: number, wanted: number): Promise<number> {
  const until = performance.now() + REST_MS
  for (;;) {
    const files = openFiles(pid) ?? Number.NaN
    if (!(files > wanted) || performance.now() > until) return files
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
