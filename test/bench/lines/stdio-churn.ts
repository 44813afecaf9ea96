// A stdio server that callers open and leave all the time, beside one that calls it back to back: how long a call waits
// because of the handshakes of others, and whether anything is lost. Only on demand, and for as long as `--seconds` says.

import {spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {type BenchContext, digits, type LineGroup, type LineResult} from '../line.ts'
import {peakRss, rss} from '../stack/proc.ts'
import {baseEnv, program} from '../stack/processes.ts'
import {STDIO_SERVER, startStack} from '../stack/stack.ts'
import {WaitFollower} from '../stack/waits.ts'

const LINE = {id: 'stdio-churn', name: 'stdio, 16 callers that come and go beside a steady one'}
const MAX_P99_MS = 10
const TOOL = 'bench/16/ascii/1'

interface Figures {
  readonly count: number
  readonly p50: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly max: number | null
}

interface Churned {
  readonly connections: number
  readonly calls: number
  readonly lost: number
  readonly wrong: number
  readonly firstErrors: readonly string[]
  readonly alone: Figures
  readonly churn: Figures
  readonly opening: Figures
}

/** `--only stdio-churn --seconds <n> [--seed <n>]`. */
export const stdioChurn: LineGroup = {
  lines: [LINE],
  onDemand: ({only}) => only.includes(LINE.id),
  async run(context) {
    const stack = await startStack({client: context.ours, mcp: {stdio: STDIO_SERVER}, folder: context.folder})
    const follower = new WaitFollower({urlFile: stack.urlFile, method: TOOL})
    try {
      context.say(`stdio-churn: seed ${context.seed}, ${context.seconds} s`)
      const before = rss(stack.daemon.pid)
      const aloneSeconds = Math.min(30, Math.max(5, context.seconds / 10))
      const load = {url: stack.url, seconds: context.seconds, aloneSeconds, seed: context.seed}
      const inside: Figures[] = []
      let gaps = 0
      // What came before the first mark warmed the daemon up; each later one ends a phase.
      const phaseEnds = async (isFirst: boolean): Promise<void> => {
        const taken = await follower.take()
        if (isFirst) return
        inside.push(figuresOf(taken.waits))
        gaps += taken.gaps
      }
      follower.start()
      const churned = await runChurn(load, {
        phase: (name) => phaseEnds(name === 'alone'),
        progress: (line) => context.say(`stdio-churn: ${line}, RSS ${digits(rss(stack.daemon.pid), 0)} MiB`),
      })
      const rssMiB = `${digits(before, 0)} → ${digits(rss(stack.daemon.pid), 0)}`
      return [resultOf(context, churned, {inside, gaps, rssMiB, peakMiB: peakRss(stack.daemon.pid)})]
    } finally {
      follower.stop()
      await stack.stop()
    }
  },
}

interface Seen {
  /** Alone, then beside churn. */
  readonly inside: readonly Figures[]
  readonly gaps: number
  readonly rssMiB: string
  readonly peakMiB: number | null
}

function resultOf(context: BenchContext, churned: Churned, {inside, gaps, rssMiB, peakMiB}: Seen): LineResult {
  const {connections, calls, lost, wrong, firstErrors, alone, churn, opening} = churned
  for (const error of firstErrors) context.say(`stdio-churn: ${error}`)
  const row = (client: string, {count, p50, p99, p999, max}: Figures) => ({
    client,
    figures: {count, p50, p99, 'p99.9': p999, max},
  })
  return {
    ...LINE,
    target: `p99 of the steady caller ≤ ${MAX_P99_MS} ms, none lost, none wrong`,
    reached: `p99 ${digits(churn.p99)} ms (alone ${digits(alone.p99)} ms), ${lost} lost, ${wrong} wrong, seed ${context.seed}`,
    met: lost === 0 && wrong === 0 && churn.p99 !== null && churn.p99 <= MAX_P99_MS,
    rows: [
      row('steady caller, alone', alone),
      row('steady caller, beside churn', churn),
      ...inside.map((figures, phase) => row(`in the channel, ${phase === 0 ? 'alone' : 'beside churn'}`, figures)),
      row('initialize of the others', opening),
      {client: 'all', figures: {connections, calls, lost, wrong, gaps, 'RSS MiB': rssMiB, 'peak RSS MiB': peakMiB}},
    ],
  }
}

function figuresOf(values: readonly number[]): Figures {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
  return {count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1)}
}

interface ChurnListener {
  readonly phase: (name: string) => Promise<void>
  readonly progress: (line: string) => void
}

async function runChurn(options: object, listener: ChurnListener): Promise<Churned> {
  const child = spawn(process.execPath, [program('churn.mjs'), JSON.stringify(options)], {
    env: baseEnv(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  try {
    let churned: Churned | null = null
    for await (const line of createInterface({input: child.stdout})) {
      const document = JSON.parse(line) as Churned & {mark?: string}
      if (document.mark === undefined) churned = document
      else if (document.mark !== 'progress') await listener.phase(document.mark)
      else {
        const {connections, calls, lost, wrong} = document
        listener.progress(`${connections} connections, ${calls} calls, ${lost} lost, ${wrong} wrong`)
      }
    }
    if (churned === null) throw new Error('the load side printed no result')
    return churned
  } finally {
    process.off('exit', kill)
    kill()
  }
}
