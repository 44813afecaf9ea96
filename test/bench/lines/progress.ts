// 500 progress notifications per call: each is one POST to the service, in order, and none may be missing.

import {type BenchContext, digits, type LineGroup, type LineResult} from '../line.ts'
import {median} from '../stack/figures.ts'
import {type LoadResult, runLoad} from '../stack/load.ts'
import {type McpTarget, STDIO_SERVER, type Stack, startMcpServer, startStack} from '../stack/stack.ts'

const LINES = [
  {id: 'progress-sse', name: '8 callers, 500 progress notifications per call, SSE', least: 3},
  {id: 'progress-stdio', name: '8 callers, 500 progress notifications per call, stdio', least: 2.5},
] as const
const PER_CALL = 500

/** Table row 5. The floor forwards no notifications; the measure is another client (`--client`). */
export const progress: LineGroup = {
  lines: LINES,
  async run(context, wanted) {
    const results: LineResult[] = []
    for (const line of LINES) {
      if (!wanted(line.id)) continue
      const http = line.id === 'progress-sse' ? await startMcpServer() : null
      try {
        results.push(await measure(context, line, http ? {http} : {stdio: STDIO_SERVER}))
      } finally {
        await http?.stop()
      }
    }
    return results
  },
}

async function measure(context: BenchContext, line: (typeof LINES)[number], mcp: McpTarget): Promise<LineResult> {
  const stacks: Stack[] = []
  try {
    for (const client of context.clients) {
      if (client.argv !== 'floor') stacks.push(await startStack({client, mcp, folder: context.folder}))
    }
    for (const {url} of stacks) await runLoad({url, callers: 8, calls: context.quick ? 16 : 64, progress: PER_CALL})
    const slices = new Map<string, LoadResult[]>(stacks.map((stack) => [stack.client.name, []]))
    for (let round = 0; round < context.rounds; round++) {
      for (const {client, url} of stacks) {
        slices.get(client.name)!.push(await runLoad({url, callers: 8, calls: 32, progress: PER_CALL}))
      }
    }
    const perSecond = (name: string) => median(slices.get(name)!.map((load) => load.perSecondNotifications))
    const sum = (loads: readonly LoadResult[], pick: (load: LoadResult) => number) =>
      loads.reduce((total, load) => total + pick(load), 0)
    const own = slices.get('ours')!
    const missing = sum(own, (load) => load.missing)
    const misplaced = sum(own, (load) => load.misplaced)
    const other = stacks.find(({client}) => client.name !== 'ours')?.client.name
    const ratio = other === undefined ? null : perSecond('ours') / perSecond(other)
    const whole = missing === 0 && misplaced === 0 && sum(own, (load) => load.errors) === 0
    return {
      id: line.id,
      name: line.name,
      target: `≥ ${line.least} × the other client, none lost or out of order`,
      reached: `${ratio === null ? 'no --client given' : `${digits(ratio)} ×`}, ${missing} lost, ${misplaced} out of order`,
      met: !whole ? false : ratio === null ? null : ratio >= line.least,
      rows: [...slices].map(([client, loads]) => ({
        client,
        figures: {
          'notifications/s': perSecond(client),
          lost: sum(loads, (load) => load.missing),
          'out of order': sum(loads, (load) => load.misplaced),
          errors: sum(loads, (load) => load.errors),
        },
      })),
    }
  } finally {
    for (const stack of stacks) await stack.stop()
  }
}
