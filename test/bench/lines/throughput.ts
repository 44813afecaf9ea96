// Calls per second, latency and CPU per call in a closed loop, beside the floor. The large bodies go both ways.

import {type ClientFigures, digits, type LineGroup, type LineResult} from '../line.ts'
import {median, type Slice, sharesText, slice, warmUp} from '../stack/figures.ts'
import {type Stack, startMcpServer, startStack} from '../stack/stack.ts'

interface Shape {
  readonly id: string
  readonly name: string
  readonly callers: number
  readonly size: number
  readonly kind: 'ascii' | 'other'
  /** Least calls/s and most CPU per call, as multiples of the floor's. */
  readonly least: number
  readonly mostCpu: number
}

const SHAPES: readonly Shape[] = [
  {id: 'callers-1', name: '1 caller, 1 KiB', callers: 1, size: 1024, kind: 'ascii', least: 1, mostCpu: 1},
  {id: 'callers-16', name: '16 callers, 1 KiB', callers: 16, size: 1024, kind: 'ascii', least: 1, mostCpu: 1},
  {id: 'callers-64', name: '64 callers, 1 KiB', callers: 64, size: 1024, kind: 'ascii', least: 1, mostCpu: 1},
  {
    id: 'large-ascii',
    name: '16 callers, 256 KiB ASCII',
    callers: 16,
    size: 262_144,
    kind: 'ascii',
    least: 1.8,
    mostCpu: 1,
  },
  {
    id: 'large-other',
    name: '16 callers, 256 KiB non-Latin',
    callers: 16,
    size: 262_144,
    kind: 'other',
    least: 4,
    mostCpu: 1,
  },
]

/** Table rows 1 and 2. */
export const throughput: LineGroup = {
  lines: SHAPES,
  async run(context, wanted) {
    const http = await startMcpServer()
    const stacks: Stack[] = []
    try {
      for (const client of context.clients) {
        stacks.push(await startStack({client, mcp: {http}, folder: context.folder}))
      }
      for (const stack of stacks) await warmUp(stack, context.quick)
      const results: LineResult[] = []
      for (const shape of SHAPES) {
        if (!wanted(shape.id)) continue
        const slices = new Map<string, Slice[]>(stacks.map((stack) => [stack.client.name, []]))
        for (let round = 0; round < context.rounds; round++) {
          for (const stack of stacks) {
            const {callers, size, kind} = shape
            slices.get(stack.client.name)!.push(await slice(stack, {callers, size, kind, seconds: context.seconds}))
          }
        }
        results.push(judge(shape, slices))
      }
      return results
    } finally {
      for (const stack of stacks) await stack.stop()
      await http.stop()
    }
  },
}

function judge(shape: Shape, byClient: ReadonlyMap<string, readonly Slice[]>): LineResult {
  const middle = (client: string, pick: (one: Slice) => number | null): number =>
    median((byClient.get(client) ?? []).map((one) => pick(one) ?? Number.NaN))
  const perSecond = (client: string) => middle(client, (one) => one.load.perSecond)
  const all = (client: string) => middle(client, (one) => one.allPer1000)
  const cpu = (client: string) => middle(client, (one) => one.cpuPer1000)
  const rows = [...byClient].map(([client, slices]): ClientFigures => {
    const errors = slices.reduce((sum, {load}) => sum + load.errors, 0)
    return {
      client,
      figures: {
        'calls/s': perSecond(client),
        '×floor': perSecond(client) / perSecond('floor'),
        p50: middle(client, (one) => one.load.p50),
        p95: middle(client, (one) => one.load.p95),
        p99: middle(client, (one) => one.load.p99),
        'CPU s/1000': cpu(client),
        '×floor CPU': cpu(client) / cpu('floor'),
        'all CPU s/1000': all(client),
        '×floor all': all(client) / all('floor'),
        errors,
        'daemon/service/mcp/load/others': sharesText(slices),
        ...(errors > 0 ? {'first error': slices.flatMap(({load}) => load.firstErrors)[0] ?? ''} : {}),
      },
    }
  })
  const ratio = perSecond('ours') / perSecond('floor')
  const cpuRatio = cpu('ours') / cpu('floor')
  const clean = (byClient.get('ours') ?? []).every(({load}) => load.errors === 0)
  return {
    id: shape.id,
    name: shape.name,
    target: `≥ ${shape.least} × floor calls/s, ≤ ${shape.mostCpu} × its CPU per call`,
    reached: `${digits(ratio)} × calls/s, ${digits(cpuRatio)} × CPU`,
    met: clean && ratio >= shape.least && (Number.isNaN(cpuRatio) || cpuRatio <= shape.mostCpu),
    rows,
  }
}
