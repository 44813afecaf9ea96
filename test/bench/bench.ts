// `npm run bench`: ours, the bare-undici floor and, with --client, any other compatible daemon, in interleaved slices of one
// run. What counts are ratios of one run; absolute figures belong to the machine that printed them.

import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {BenchContext, LineGroup, LineResult} from './line.ts'
import {LINE_GROUPS} from './lines/index.ts'
import {type BenchOptions, HELP, readOptions} from './options.ts'
import {printLine, printSummary, resultsDocument} from './report.ts'
import {RUN_JS} from './stack/processes.ts'
import type {Client} from './stack/stack.ts'

const options = readOptions(process.argv.slice(2))
if (options.help) console.log(HELP)
else if (options.list)
  for (const {id, name} of LINE_GROUPS.flatMap(({lines}) => lines)) console.log(id.padEnd(16), name)
else await run(options)

async function run(options: BenchOptions): Promise<void> {
  const ours: Client = {name: 'ours', argv: [process.execPath, RUN_JS]}
  const others = options.clients.map((argv, index) => ({name: `other${index > 0 ? index + 1 : ''}`, argv}))
  const folder = mkdtempSync(join(tmpdir(), 'tunnel-bench-'))
  const context: BenchContext = {
    ...options,
    clients: [{name: 'floor', argv: 'floor'}, ours, ...others],
    ours,
    folder,
    say: (text) => console.error(text),
  }
  const results: LineResult[] = []
  process.setMaxListeners(0)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  try {
    for (const group of LINE_GROUPS) {
      const ids = idsOf(group, options, context)
      if (ids.size === 0) continue
      for (const result of await group.run(context, (id) => ids.has(id))) {
        results.push(result)
        printLine(result)
      }
    }
  } finally {
    rmSync(folder, {recursive: true, force: true})
    if (results.length > 0) writeFileSync(options.json, `${JSON.stringify(resultsDocument(results), null, 2)}\n`)
  }
  printSummary(results)
  console.log(`\nWritten to ${options.json}`)
  if (results.some(({met}) => met === false)) process.exitCode = 1
}

/** Lines of the group that are wanted. `--soak` alone means the soak alone. */
function idsOf({lines, onDemand}: LineGroup, {only, soakCalls}: BenchOptions, context: BenchContext): Set<string> {
  if (onDemand && !onDemand(context)) return new Set()
  if (only.length === 0 && soakCalls > 0 && !onDemand) return new Set()
  const matching = lines.filter(
    ({id, name}) => only.length === 0 || only.some((text) => id === text || (name.includes(text) && !isId(text))),
  )
  return new Set(matching.map(({id}) => id))
}

function isId(text: string): boolean {
  return LINE_GROUPS.some(({lines}) => lines.some(({id}) => id === text))
}
