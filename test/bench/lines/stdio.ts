// One stdio child behind 16 callers whose tool takes 20 ms: a daemon that asks one question at a time gets 50 calls/s.

import {digits, type LineGroup} from '../line.ts'
import {median, type Slice, sharesText, slice, warmUp} from '../stack/figures.ts'
import {STDIO_SERVER, type Stack, startStack} from '../stack/stack.ts'

const LINE = {id: 'stdio', name: 'stdio, 16 callers, 20 ms tool'}
const LEAST = 0.9

/** Table row 4. */
export const stdio: LineGroup = {
  lines: [LINE],
  async run(context) {
    const stacks: Stack[] = []
    try {
      for (const client of context.clients) {
        stacks.push(await startStack({client, mcp: {stdio: STDIO_SERVER}, folder: context.folder}))
      }
      for (const stack of stacks) await warmUp(stack, context.quick)
      const slices = new Map<string, Slice[]>(stacks.map((stack) => [stack.client.name, []]))
      for (let round = 0; round < context.rounds; round++) {
        for (const stack of stacks) {
          const load = {callers: 16, size: 1024, delay: 20, seconds: context.seconds}
          slices.get(stack.client.name)!.push(await slice(stack, load))
        }
      }
      const perSecond = (name: string) => median(slices.get(name)!.map(({load}) => load.perSecond))
      const ratio = perSecond('ours') / perSecond('floor')
      const errors = slices.get('ours')!.reduce((sum, {load}) => sum + load.errors, 0)
      return [
        {
          ...LINE,
          target: `≥ ${LEAST} × floor calls/s`,
          reached: `${digits(ratio)} ×`,
          met: errors === 0 && ratio >= LEAST,
          rows: [...slices].map(([client, own]) => ({
            client,
            figures: {
              'calls/s': perSecond(client),
              '×floor': perSecond(client) / perSecond('floor'),
              p50: median(own.map(({load}) => load.p50 ?? Number.NaN)),
              p99: median(own.map(({load}) => load.p99 ?? Number.NaN)),
              'CPU s/1000': median(own.map(({cpuPer1000}) => cpuPer1000 ?? Number.NaN)),
              errors: own.reduce((sum, {load}) => sum + load.errors, 0),
              'daemon/service/mcp/load/others': sharesText(own),
            },
          })),
        },
      ]
    } finally {
      for (const stack of stacks) await stack.stop()
    }
  },
}
