// 64 callers with 50 ms of round-trip time between daemon and service: what overlapping polls are for. The same daemon with
// one poll is the same daemon with max-inflight 25: a poll asks for 25 commands at most, so one poll is promised all of that
// room and a second one would have nothing to ask for. Calls leave the queue at once (64 may run), so nothing else changes.

import {digits, type LineGroup} from '../line.ts'
import {median, type Slice, sharesText, slice} from '../stack/figures.ts'
import {type Stack, startMcpServer, startStack} from '../stack/stack.ts'

const LINE = {id: 'round-trip', name: '64 callers, 1 KiB, 50 ms round trip, max-inflight 256'}
const ONE_POLL = 'ours, one poll'
const LEAST = 1.8

/** Table row 3. */
export const roundTrip: LineGroup = {
  lines: [LINE],
  async run(context) {
    const http = await startMcpServer()
    const stacks = new Map<string, Stack>()
    try {
      const base = {mcp: {http}, delayMs: 25, folder: context.folder}
      for (const client of context.clients) stacks.set(client.name, await startStack({...base, client}))
      const flags = {'control-plane.max-inflight': '25'}
      stacks.set(ONE_POLL, await startStack({...base, client: context.ours, flags}))
      const slices = new Map<string, Slice[]>([...stacks.keys()].map((name) => [name, []]))
      for (let round = 0; round < context.rounds; round++) {
        for (const [name, stack] of stacks) {
          slices.get(name)!.push(await slice(stack, {callers: 64, size: 1024, seconds: context.seconds}))
        }
      }
      const perSecond = (name: string) => median(slices.get(name)!.map(({load}) => load.perSecond))
      const ratio = perSecond('ours') / perSecond(ONE_POLL)
      const errors = slices.get('ours')!.reduce((sum, {load}) => sum + load.errors, 0)
      return [
        {
          ...LINE,
          target: `≥ ${LEAST} × the same daemon with one poll`,
          reached: `${digits(ratio)} ×`,
          met: errors === 0 && ratio >= LEAST,
          rows: [...slices].map(([client, own]) => ({
            client,
            figures: {
              'calls/s': perSecond(client),
              '×one poll': perSecond(client) / perSecond(ONE_POLL),
              p50: median(own.map(({load}) => load.p50 ?? Number.NaN)),
              p99: median(own.map(({load}) => load.p99 ?? Number.NaN)),
              errors: own.reduce((sum, {load}) => sum + load.errors, 0),
              'daemon/service/mcp/load/others': sharesText(own),
            },
          })),
        },
      ]
    } finally {
      for (const stack of stacks.values()) await stack.stop()
      await http.stop()
    }
  },
}
