// From the spawn of a daemon to its first answer, with a call that already waits for it; and what it takes when idle.

import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type BenchContext, type ClientFigures, digits, type LineGroup, type LineResult} from '../line.ts'
import {median} from '../stack/figures.ts'
import {fineCpuMs} from '../stack/proc.ts'
import {type Client, firstAnswer, startDaemon, startMcpServer, startService, startStack} from '../stack/stack.ts'
import {measureStartUp} from '../stack/start-up.ts'

const SPAWN = {id: 'spawn', name: 'spawn → ready'}
const IDLE = {id: 'idle', name: 'idle CPU per minute'}
const COMMANDS = {id: 'start-up', name: 'start-up of commands, CPU'}
const MOST_START = 2
const MOST_IDLE_MS = 200

/** Table row 11, and the start-up of one-shot commands. */
export const start: LineGroup = {
  lines: [SPAWN, IDLE, COMMANDS],
  async run(context, wanted) {
    const results: LineResult[] = []
    if (wanted(SPAWN.id)) results.push(await measureSpawn(context))
    if (wanted(IDLE.id)) results.push(await measureIdle(context))
    if (wanted(COMMANDS.id)) results.push(measureCommands(context))
    return results
  },
}

interface Started {
  readonly answerMs: number
  readonly readyMs: number | null
}

async function measureSpawn(context: BenchContext): Promise<LineResult> {
  const http = await startMcpServer()
  try {
    const times = new Map<string, Started[]>(context.clients.map(({name}) => [name, []]))
    for (let round = 0; round < Math.max(5, context.rounds); round++) {
      for (const client of context.clients) times.get(client.name)!.push(await spawnOnce(context, client, http))
    }
    const answer = (name: string) => median(times.get(name)!.map(({answerMs}) => answerMs))
    const ready = (name: string) => median(times.get(name)!.flatMap(({readyMs}) => readyMs ?? []))
    const ratios = [answer('ours') / answer('floor'), ready('ours') / answer('floor')]
    return {
      ...SPAWN,
      target: `≤ ${MOST_START} × floor (its first answer)`,
      reached: `first answer ${digits(ratios[0])} ×, ready ${digits(ratios[1])} ×`,
      met: ratios.every((ratio) => ratio <= MOST_START),
      rows: [...times.keys()].map(
        (client): ClientFigures => ({
          client,
          figures: {
            'first answer ms': answer(client),
            '×floor': answer(client) / answer('floor'),
            'ready ms': ready(client),
          },
        }),
      ),
    }
  } finally {
    await http.stop()
  }
}

async function spawnOnce(context: BenchContext, client: Client, http: Awaited<ReturnType<typeof startMcpServer>>) {
  const {folder} = context
  const service = await startService()
  const urlFile = join(folder, `spawn-${service.pid}.url`)
  const answered = firstAnswer(service.info.mcp_url!)
  const from = performance.now()
  const baseUrl = service.info.control_plane_base_url!
  const daemon = await startDaemon({client, mcp: {http}, folder, baseUrl, service, urlFile})
  try {
    const ready = client.argv === 'floor' ? null : readyAfter(urlFile, from)
    await answered
    const answerMs = performance.now() - from
    return {answerMs, readyMs: await ready}
  } finally {
    await daemon.stop()
    await service.stop()
  }
}

async function readyAfter(urlFile: string, from: number): Promise<number | null> {
  while (performance.now() - from < 20_000) {
    const url = existsSync(urlFile) ? readFileSync(urlFile, 'utf8').trim() : ''
    const reply = url === '' ? null : await fetch(`${url}/readyz`).catch(() => null)
    await reply?.arrayBuffer()
    if (reply?.status === 200) return performance.now() - from
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return null
}

/** All daemons idle at the same time; what they took is scaled to a minute. */
async function measureIdle(context: BenchContext): Promise<LineResult> {
  const http = await startMcpServer()
  const stacks = []
  try {
    for (const client of context.clients) {
      stacks.push(await startStack({client, mcp: {http}, folder: context.folder}))
    }
    const seconds = context.quick ? 10 : 60
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const before = stacks.map(({daemon}) => fineCpuMs(daemon.pid))
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    const perMinute = stacks.map(({client, daemon}, index) => {
      const [from, to] = [before[index] ?? null, fineCpuMs(daemon.pid)]
      return {client: client.name, ms: from === null || to === null ? null : ((to - from) * 60) / seconds}
    })
    const ours = perMinute.find(({client}) => client === 'ours')?.ms ?? null
    return {
      ...IDLE,
      target: `≤ ${MOST_IDLE_MS} ms`,
      reached: `${digits(ours, 0)} ms`,
      met: ours === null ? null : ours <= MOST_IDLE_MS,
      rows: perMinute.map(({client, ms}) => ({client, figures: {'CPU ms per minute': ms}})),
    }
  } finally {
    for (const stack of stacks) await stack.stop()
    await http.stop()
  }
}

function measureCommands(context: BenchContext): LineResult {
  const lines = measureStartUp(context.quick ? 5 : 25)
  return {
    ...COMMANDS,
    target: 'for information: ratios to node -e 0',
    reached: lines.map(({command, ratio}) => `${command} ${digits(ratio)} ×`).join(', '),
    met: null,
    rows: lines.map(({command, cpuMs, ratio}) => ({client: command, figures: {'CPU ms': cpuMs, '×node -e 0': ratio}})),
  }
}
