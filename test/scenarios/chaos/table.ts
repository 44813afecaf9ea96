// The rows of a run as a table for people (markdown) and for programs (JSON).

import {writeFileSync} from 'node:fs'
import type {FaultRow} from './run-fault.ts'

const HEAD = [
  'fault',
  'transport',
  'calls',
  'right',
  'affected',
  'failures by class',
  'executions max',
  'run in vain',
  'p99 of the rest',
  'max',
  'recovery',
  '',
]

/** The rows as a markdown table. */
export function markdownTable(rows: readonly FaultRow[]): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`
  const failures = (row: FaultRow): string =>
    Object.entries(row.failures)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ') || '–'
  return [
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...rows.map((row) =>
      line([
        row.fault,
        row.transport,
        row.calls,
        row.right,
        row.affected,
        failures(row),
        row.executionsMax,
        row.runInVain,
        `${row.p99} ms`,
        `${row.max} ms`,
        `${row.recovery} ms`,
        row.problems.length === 0 ? 'ok' : row.problems.slice(0, 3).join('; '),
      ]),
    ),
  ].join('\n')
}

/** Prints the table, and writes `<CHAOS_REPORT>-<name>.md` and `.json` when that variable is set. */
export function report(name: string, rows: readonly FaultRow[]): void {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0)
  const table = `${markdownTable(rows)}\n\n${name}: ${rows.length} faults, ${calls} calls, ${rows.filter((row) => row.problems.length > 0).length} with findings\n`
  process.stdout.write(`\n${table}`)
  const target = process.env.CHAOS_REPORT
  if (target === undefined) return
  writeFileSync(`${target}-${name}.md`, table)
  writeFileSync(`${target}-${name}.json`, `${JSON.stringify(rows, null, 2)}\n`)
}
