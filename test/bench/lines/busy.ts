// One busy loop per core beside everything: nobody's timers are punctual any more, and still no call may be lost.

import {availableParallelism} from 'node:os'
import {digits, type LineGroup, type LineResult} from '../line.ts'
import {median, type Slice, slice} from '../stack/figures.ts'
import {type Part, program, startPart} from '../stack/processes.ts'
import {type Stack, startMcpServer, startStack} from '../stack/stack.ts'

const RATIO = {id: 'busy', name: 'one busy loop per core, 16 callers, 100 ms tool'}
const MINUTE = {id: 'busy-minute', name: 'one busy loop per core for 60 s, 16 callers, 100 ms tool, 30 s time-out'}
const MOST = 1.25
const LOAD = {callers: 16, size: 1024, delay: 100, timeoutMs: 35_000}
const SERVICE = ['--response-timeout', '30s']

/** Table row 6. */
export const busy: LineGroup = {
  lines: [RATIO, MINUTE],
  async run(context, wanted) {
    const http = await startMcpServer()
    const stacks: Stack[] = []
    const hogs: Part[] = []
    try {
      const clients = wanted(RATIO.id) ? context.clients : [context.ours]
      for (const client of clients) {
        stacks.push(await startStack({client, mcp: {http}, folder: context.folder, serviceFlags: SERVICE}))
      }
      for (let core = 0; core < availableParallelism(); core++) {
        hogs.push(await startPart({name: 'hog', argv: [process.execPath, program('hog.mjs')], printsInfo: false}))
      }
      const results: LineResult[] = []
      if (wanted(RATIO.id)) {
        const slices = new Map<string, Slice[]>(stacks.map((stack) => [stack.client.name, []]))
        for (let round = 0; round < context.rounds; round++) {
          for (const stack of stacks) {
            slices.get(stack.client.name)!.push(await slice(stack, {...LOAD, seconds: Math.max(5, context.seconds)}))
          }
        }
        results.push(judge(slices))
      }
      if (wanted(MINUTE.id)) {
        const ours = stacks.find(({client}) => client.name === 'ours')!
        const {load} = await slice(ours, {...LOAD, seconds: context.quick ? 10 : 60})
        const expired = load.statuses['504'] ?? 0
        results.push({
          ...MINUTE,
          target: '0 lost, 0 answers of 504',
          reached: `${load.lost} lost, ${expired} answers of 504, ${load.errors} errors in ${load.calls} calls`,
          met: load.errors === 0,
          rows: [{client: 'ours', figures: {calls: load.calls, p99: load.p99, 'worst ms': load.worst}}],
        })
      }
      return results
    } finally {
      for (const part of hogs) await part.stop()
      for (const stack of stacks) await stack.stop()
      await http.stop()
    }
  },
}

function judge(slices: ReadonlyMap<string, readonly Slice[]>): LineResult {
  const p99 = (name: string) => median(slices.get(name)!.map(({load}) => load.p99 ?? Number.NaN))
  const errors = (own: readonly Slice[]) => own.reduce((sum, {load}) => sum + load.errors, 0)
  const ratio = p99('ours') / p99('floor')
  const wrong = errors(slices.get('ours')!)
  return {
    ...RATIO,
    target: `p99 ≤ ${MOST} × floor, none lost`,
    reached: `${digits(ratio)} ×, ${wrong} errors`,
    met: wrong === 0 && ratio <= MOST,
    rows: [...slices].map(([client, own]) => ({
      client,
      figures: {
        p50: median(own.map(({load}) => load.p50 ?? Number.NaN)),
        p99: p99(client),
        '×floor p99': p99(client) / p99('floor'),
        errors: errors(own),
      },
    })),
  }
}
