// `npm run bench`: ours, the bare-undici floor and, with --client, any other compatible daemon, in interleaved slices of one
// run. Every line is a ratio to the floor; absolute figures belong to the machine that printed them.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {cpuSeconds, machineBusySeconds, peakRss} from './proc.ts'
import {
  type Client,
  type LoadResult,
  type Part,
  RUN_JS,
  runLoad,
  startDaemon,
  startDelayProxy,
  startMcpServer,
  startService,
} from './processes.ts'
import {measureStartUp, median} from './start-up.ts'

const {values} = parseArgs({
  options: {
    client: {type: 'string', multiple: true, default: []},
    seconds: {type: 'string', default: '3'},
    rounds: {type: 'string', default: '3'},
    pairs: {type: 'string', default: '25'},
    delay: {type: 'string', default: '0'},
    only: {type: 'string'},
    json: {type: 'string', default: 'bench-results.json'},
    'no-start-up': {type: 'boolean', default: false},
    help: {type: 'boolean', default: false},
  },
})

if (values.help) {
  console.log(`npm run bench -- [options]
  --client <argv>   another compatible daemon, for example "/opt/bin/tunnel-client"; may be repeated
  --seconds <n>     length of one slice (3)        --rounds <n>  slices per line and client (3)
  --delay <ms>      one-way delay between daemon and service (0)
  --only <text>     only lines whose name contains the text
  --pairs <n>       pairs of the start-up lines (25), --no-start-up leaves them out
  --json <file>     where the figures go (bench-results.json)`)
  process.exit(0)
}

/** One load shape. */
interface Line {
  readonly name: string
  readonly callers: number
  readonly size: number
  readonly kind: 'ascii' | 'other'
}

const LINES: readonly Line[] = [
  {name: '1 caller, 1 KiB', callers: 1, size: 1024, kind: 'ascii'},
  {name: '16 callers, 1 KiB', callers: 16, size: 1024, kind: 'ascii'},
  {name: '64 callers, 1 KiB', callers: 64, size: 1024, kind: 'ascii'},
  {name: '16 callers, 256 KiB ASCII', callers: 16, size: 262_144, kind: 'ascii'},
  {name: '16 callers, 256 KiB non-Latin', callers: 16, size: 262_144, kind: 'other'},
]

/** What one slice gave, with the CPU seconds that each side took in the window. */
interface Slice {
  readonly load: LoadResult
  readonly cpuPer1000: number | null
  readonly share: {daemon: number; service: number; mcp: number; rest: number} | null
}

interface Stack {
  readonly client: Client
  readonly service: Part
  readonly daemon: Part
  readonly firstAnswerMs: number
  readonly parts: readonly Part[]
}

const seconds = Number(values.seconds)
const clients: Client[] = [
  {name: 'floor', argv: 'floor'},
  {name: 'ours', argv: [process.execPath, RUN_JS]},
  ...values.client.map((argv, index) => ({name: `other${index > 0 ? index + 1 : ''}`, argv: argv.split(' ')})),
]
const folder = mkdtempSync(join(tmpdir(), 'tunnel-bench-'))
const mcp = await startMcpServer()
const stacks: Stack[] = []
try {
  for (const client of clients) stacks.push(await startStack(client))
  const results = await measureLines()
  const startUp = values['no-start-up'] ? [] : measureStartUp(Number(values.pairs))
  report(results, startUp)
} finally {
  for (const stack of stacks) for (const part of stack.parts) await part.stop()
  await mcp.stop()
  rmSync(folder, {recursive: true, force: true})
}

async function startStack(client: Client): Promise<Stack> {
  const service = await startService()
  const parts: Part[] = [service]
  let baseUrl = service.info.control_plane_base_url ?? ''
  if (Number(values.delay) > 0) {
    const proxy = await startDelayProxy(new URL(baseUrl).port, Number(values.delay))
    parts.unshift(proxy)
    baseUrl = `http://127.0.0.1:${proxy.info.port}`
  }
  const from = performance.now()
  const daemon = await startDaemon(client, {
    baseUrl,
    tunnelId: service.info.tunnel_id ?? '',
    runtimeKey: service.info.runtime_key ?? '',
    mcpUrl: mcp.info.url ?? '',
    urlFile: join(folder, `${client.name}.url`),
  })
  parts.unshift(daemon)
  await firstAnswer(service.info.mcp_url ?? '')
  return {client, service, daemon, parts, firstAnswerMs: performance.now() - from}
}

/** Resolves when a call came back through the whole tunnel. */
async function firstAnswer(url: string): Promise<void> {
  const body = '{"jsonrpc":"2.0","id":1,"method":"bench/16/ascii/0"}'
  const headers = {'content-type': 'application/json', accept: 'application/json, text/event-stream'}
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    const reply = await fetch(url, {method: 'POST', headers, body}).catch(() => null)
    if ((await reply?.text())?.includes('"result"')) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`no answer through the tunnel at ${url} within 20 s`)
}

async function measureLines(): Promise<Map<Line, Map<string, Slice[]>>> {
  const results = new Map<Line, Map<string, Slice[]>>()
  for (const line of LINES.filter((candidate) => candidate.name.includes(values.only ?? ''))) {
    const byClient = new Map<string, Slice[]>(stacks.map((stack) => [stack.client.name, []]))
    results.set(line, byClient)
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const stack of stacks) byClient.get(stack.client.name)?.push(await slice(line, stack))
    }
  }
  return results
}

async function slice(line: Line, stack: Stack): Promise<Slice> {
  const sample = () => ({
    at: performance.now(),
    daemon: cpuSeconds(stack.daemon.pid),
    service: cpuSeconds(stack.service.pid),
    mcp: cpuSeconds(mcp.pid),
    machine: machineBusySeconds(),
  })
  const marks: ReturnType<typeof sample>[] = []
  const {callers, size, kind} = line
  const load = await runLoad({url: stack.service.info.mcp_url, callers, size, kind, seconds}, () =>
    marks.push(sample()),
  )
  const [from, to] = marks
  if (!from || !to || from.daemon === null || to.daemon === null) return {load, cpuPer1000: null, share: null}
  const capacity = ((to.at - from.at) / 1000) * availableParallelism()
  const part = (key: 'daemon' | 'service' | 'mcp' | 'machine') => ((to[key] ?? 0) - (from[key] ?? 0)) / capacity
  const share = {daemon: part('daemon'), service: part('service'), mcp: part('mcp'), rest: 0}
  share.rest = Math.max(0, part('machine') - share.daemon - share.service - share.mcp)
  return {load, cpuPer1000: ((to.daemon - from.daemon) / load.calls) * 1000, share}
}

function report(results: Map<Line, Map<string, Slice[]>>, startUp: ReturnType<typeof measureStartUp>): void {
  const rows: string[][] = [
    [
      'line',
      'client',
      'calls/s',
      '×floor',
      'p50 ms',
      'p95',
      'p99',
      'CPU s/1000',
      '×floor',
      'errors',
      'CPU daemon/service/mcp/load+rest',
    ],
  ]
  const json: object[] = []
  for (const [line, byClient] of results) {
    const middle = (name: string, pick: (slice: Slice) => number | null) =>
      median((byClient.get(name) ?? []).map((one) => pick(one) ?? Number.NaN))
    for (const [name, slices] of byClient) {
      const perSecond = middle(name, (one) => one.load.perSecond)
      const cpu = middle(name, (one) => one.cpuPer1000)
      const errors = slices.reduce((sum, one) => sum + one.load.errors, 0)
      const percent = (pick: (share: NonNullable<Slice['share']>) => number) =>
        `${Math.round(100 * middle(name, (one) => (one.share ? pick(one.share) : null)))}`
      const row = {
        line: line.name,
        client: name,
        perSecond,
        ratio: perSecond / middle('floor', (one) => one.load.perSecond),
        p50: middle(name, (one) => one.load.p50),
        p95: middle(name, (one) => one.load.p95),
        p99: middle(name, (one) => one.load.p99),
        cpuSecondsPer1000: cpu,
        cpuRatio: cpu / middle('floor', (one) => one.cpuPer1000),
        errors,
        firstErrors: slices.flatMap((one) => one.load.firstErrors).slice(0, 3),
      }
      json.push(row)
      rows.push([
        line.name,
        name,
        row.perSecond.toFixed(0),
        row.ratio.toFixed(2),
        row.p50.toFixed(2),
        row.p95.toFixed(2),
        row.p99.toFixed(2),
        row.cpuSecondsPer1000.toFixed(3),
        row.cpuRatio.toFixed(2),
        String(errors),
        `${percent((s) => s.daemon)}/${percent((s) => s.service)}/${percent((s) => s.mcp)}/${percent((s) => s.rest)} %`,
      ])
    }
  }
  printTable(rows)
  console.log()
  const daemons = stacks.map((stack) => ({
    client: stack.client.name,
    peakRssMiB: peakRss(stack.daemon.pid),
    spawnToFirstAnswerMs: stack.firstAnswerMs,
  }))
  printTable([
    ['daemon', 'peak RSS MiB', 'spawn to first answer ms'],
    ...daemons.map((one) => [one.client, one.peakRssMiB?.toFixed(0) ?? '-', one.spawnToFirstAnswerMs.toFixed(0)]),
  ])
  if (startUp.length > 0) {
    console.log()
    printTable([
      ['start-up', 'CPU ms', '× node -e 0'],
      ...startUp.map((one) => [one.command, one.cpuMs.toFixed(1), one.ratio.toFixed(2)]),
    ])
  }
  writeFileSync(
    values.json,
    `${JSON.stringify({schema_version: 1, node: process.version, lines: json, daemons, startUp}, null, 2)}\n`,
  )
  console.log(`\nWritten to ${values.json}`)
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)))
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}
