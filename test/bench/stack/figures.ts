// Small statistics, and what a slice of load cost whom.

import {availableParallelism} from 'node:os'
import {type LoadOptions, type LoadResult, runLoad} from './load.ts'
import {cpuSeconds, machineBusySeconds} from './proc.ts'
import type {Stack} from './stack.ts'

/** The middle value; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Shares of the whole machine's CPU during a window, 0 to 1. `others` is what no part of this stack took. */
export interface Shares {
  readonly daemon: number
  readonly service: number
  readonly mcp: number
  readonly load: number
  readonly others: number
}

/** What one slice of load gave. CPU is null where /proc cannot say. */
export interface Slice {
  readonly load: LoadResult
  /** CPU seconds of the daemon per 1000 right answers. */
  readonly cpuPer1000: number | null
  /** The same of daemon, service, MCP server and load side together: what bounds calls/s where all share the cores. */
  readonly allPer1000: number | null
  readonly shares: Shares | null
}

/** Runs one slice of load through a stack. */
export async function slice(stack: Stack, options: Omit<LoadOptions, 'url'>): Promise<Slice> {
  const sample = () => ({
    at: performance.now(),
    daemon: cpuSeconds(stack.daemon.pid),
    service: cpuSeconds(stack.service.pid),
    mcp: cpuSeconds(stack.mcpPid()),
    machine: machineBusySeconds(),
  })
  const marks: ReturnType<typeof sample>[] = []
  const load = await runLoad({url: stack.url, ...options}, ({mark}) => {
    if (mark === 'start' || mark === 'end') marks.push(sample())
  })
  const [from, to] = marks
  if (!from || !to || from.daemon === null || to.daemon === null)
    return {load, cpuPer1000: null, allPer1000: null, shares: null}
  const capacity = ((to.at - from.at) / 1000) * availableParallelism()
  const share = (key: 'daemon' | 'service' | 'mcp' | 'machine') => ((to[key] ?? 0) - (from[key] ?? 0)) / capacity
  const own = {
    daemon: share('daemon'),
    service: share('service'),
    mcp: share('mcp'),
    load: load.loadCpuSeconds / capacity,
  }
  const others = Math.max(0, share('machine') - own.daemon - own.service - own.mcp - own.load)
  const all = (own.daemon + own.service + own.mcp + own.load) * capacity
  return {
    load,
    cpuPer1000: ((to.daemon - from.daemon) / load.calls) * 1000,
    allPer1000: (all / load.calls) * 1000,
    shares: {...own, others},
  }
}

/** A program that has run for a second is not yet compiled; the more code a client has, the later it is. */
export async function warmUp({url, client}: Stack, quick: boolean): Promise<void> {
  // Other clients may take their calls one after the other; they are also compiled before they start.
  const calls = client.name === 'ours' || client.name === 'floor' ? 25_000 : 5000
  await runLoad({url, callers: 16, size: 1024, calls: quick ? calls / 5 : calls})
}

/** `31/33/7/13/2 %`: daemon, service, MCP server, load side, others; the median of each. */
export function sharesText(slices: readonly Slice[]): string {
  const percent = (pick: (shares: Shares) => number) =>
    Math.round(100 * median(slices.flatMap(({shares}) => (shares ? [pick(shares)] : []))))
  const parts = [
    percent((one) => one.daemon),
    percent((one) => one.service),
    percent((one) => one.mcp),
    percent((one) => one.load),
    percent((one) => one.others),
  ]
  return `${parts.join('/')} %`
}
