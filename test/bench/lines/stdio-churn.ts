// A stdio server that callers open and leave all the time, beside one that calls it back to back: how long a call waits
// because of the handshakes of others, and whether anything is lost. Only on demand, and for as long as `--seconds` says.

import {spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import {type BenchContext, digits, type LineGroup, type LineResult} from '../line.ts'
import {peakRss, rss} from '../stack/proc.ts'
import {baseEnv, program} from '../stack/processes.ts'
import {STDIO_SERVER, startStack} from '../stack/stack.ts'

const LINE = {id: 'stdio-churn', name: 'stdio, 16 callers that come and go beside a steady one'}
const MAX_P99_MS = 10

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
    try {
      context.say(`stdio-churn: seed ${context.seed}, ${context.seconds} s`)
      const before = rss(stack.daemon.pid)
      const aloneSeconds = Math.min(30, Math.max(3, context.seconds / 10))
      const load = {url: stack.url, seconds: context.seconds, aloneSeconds, seed: context.seed}
      const churned = await runChurn(load, (line) => {
        context.say(`stdio-churn: ${line}, RSS ${digits(rss(stack.daemon.pid), 0)} MiB`)
      })
      return [
        resultOf(context, churned, `${digits(before, 0)} → ${digits(rss(stack.daemon.pid), 0)}`, stack.daemon.pid),
      ]
    } finally {
      await stack.stop()
    }
  },
}

function resultOf(context: BenchContext, churned: Churned, rssMiB: string, pid: number): LineResult {
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
      row('initialize of the others', opening),
      {client: 'all', figures: {connections, calls, lost, wrong, 'RSS MiB': rssMiB, 'peak RSS MiB': peakRss(pid)}},
    ],
  }
}

async function runChurn(options: object, onProgress: (line: string) => void): Promise<Churned> {
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
      else {
        const {connections, calls, lost, wrong} = document
        onProgress(`${connections} connections, ${calls} calls, ${lost} lost, ${wrong} wrong`)
      }
    }
    if (churned === null) throw new Error('the load side printed no result')
    return churned
  } finally {
    process.off('exit', kill)
    kill()
  }
}
