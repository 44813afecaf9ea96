// Ends under load: SIGTERM for a daemon with 64 calls in its hands, and a stdio child that is killed under eight.

import {type BenchContext, digits, type LineGroup, type LineResult} from '../line.ts'
import {median} from '../stack/figures.ts'
import {type LoadAnswer, runLoad} from '../stack/load.ts'
import {type Client, firstAnswer, STDIO_SERVER, startMcpServer, startStack} from '../stack/stack.ts'

const DRAIN = {id: 'drain', name: 'SIGTERM under 64 calls of 1 s'}
const CHILD = {id: 'child-killed', name: 'stdio child killed under 8 calls'}
const MOST_MS = 500
/** Long enough for every call to have reached the MCP server, and well before the first of them is done. */
const UNDER_WAY_MS = 600

/** Table rows 9 and 10. */
export const endings: LineGroup = {
  lines: [DRAIN, CHILD],
  async run(context, wanted) {
    const results: LineResult[] = []
    if (wanted(DRAIN.id)) results.push(await measureDrain(context))
    if (wanted(CHILD.id)) results.push(await measureChild(context))
    return results
  },
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function measureDrain(context: BenchContext): Promise<LineResult> {
  const http = await startMcpServer()
  try {
    const rows = []
    let met = false
    let reached = ''
    for (const client of context.clients) {
      const stack = await startStack({client, mcp: {http}, folder: context.folder})
      try {
        const load = {url: stack.url, callers: 64, size: 16, delay: 1000, once: true, timeoutMs: 40_000}
        const {answers} = await runLoad(load, async ({mark}) => {
          if (mark !== 'sent') return
          await pause(UNDER_WAY_MS)
          stack.daemon.kill('SIGTERM')
        })
        const right = answers.filter((answer) => answer.right).length
        const {code, signal} = await stack.daemon.ended
        rows.push({client: client.name, figures: {answered: right, of: answers.length, exit: `${code ?? signal}`}})
        if (client.name !== 'ours') continue
        met = right === 64 && code === 0
        reached = `${right} answered, exit ${code ?? signal}`
      } finally {
        await stack.stop()
      }
    }
    return {...DRAIN, target: '64 answered, exit 0', reached, met, rows}
  } finally {
    await http.stop()
  }
}

async function measureChild(context: BenchContext): Promise<LineResult> {
  const rounds = context.quick ? 2 : Math.max(3, context.rounds)
  const rows = []
  let met = true
  let reached = ''
  for (const client of context.clients) {
    if (client.argv === 'floor') continue
    const {typed, of, backMs, alive} = await killChild(context, client, rounds)
    const worst = Math.max(...backMs)
    rows.push({
      client: client.name,
      figures: {
        'typed failures': typed,
        of,
        'next call ms': median(backMs),
        'worst ms': worst,
        daemon: alive ? 'lives' : 'gone',
      },
    })
    if (client.name !== 'ours') continue
    met = typed === of && worst <= MOST_MS
    reached = `${typed} of ${of} answered, next call works after ${digits(worst, 0)} ms at worst`
  }
  return {...CHILD, target: `8 answered (typed failures), next call works ≤ ${MOST_MS} ms`, reached, met, rows}
}

async function killChild(context: BenchContext, client: Client, rounds: number) {
  const {folder} = context
  let typed = 0
  let of = 0
  let alive = true
  const backMs: number[] = []
  for (let round = 0; round < rounds && alive; round++) {
    const stack = await startStack({client, mcp: {stdio: STDIO_SERVER}, folder})
    try {
      let back: Promise<number> | null = null
      const load = {url: stack.url, callers: 8, size: 16, delay: 5000, once: true, timeoutMs: 20_000}
      const {answers} = await runLoad(load, async ({mark}) => {
        if (mark !== 'sent') return
        await pause(UNDER_WAY_MS)
        process.kill(stack.mcpPid(), 'SIGKILL')
        back = firstAnswer(stack.url).catch(() => Number.POSITIVE_INFINITY)
      })
      typed += answers.filter(isTypedFailure).length
      of += answers.length
      backMs.push((await back) ?? Number.NaN)
      alive = await Promise.race([stack.daemon.ended.then(() => false), pause(50).then(() => true)])
    } finally {
      await stack.stop()
    }
  }
  return {typed, of, backMs, alive}
}

const isTypedFailure = ({status, text}: LoadAnswer): boolean => status > 0 && text.includes('"tunnel_failure"')
