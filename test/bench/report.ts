// Figures for people (tables) and for programs (one JSON document).

import {readFileSync} from 'node:fs'
import {availableParallelism, cpus, loadavg} from 'node:os'
import type {LineResult} from './line.ts'

/** Prints one line's figures as soon as they are there. */
export function printLine(result: LineResult): void {
  console.log(`\n${result.name} [${result.id}]`)
  const keys = [...new Set(result.rows.flatMap(({figures}) => Object.keys(figures)))]
  printTable([
    ['', ...keys],
    ...result.rows.map(({client, figures}) => [client, ...keys.map((key) => cell(figures[key]))]),
  ])
}

/** Prints what had to be reached and what was. */
export function printSummary(results: readonly LineResult[]): void {
  console.log()
  printTable([
    ['line', 'ours must reach', 'reached', 'met'],
    ...results.map(({name, target, reached, met}) => [name, target, reached, verdict(met)]),
  ])
}

/** The JSON document of a run. */
export function resultsDocument(results: readonly LineResult[]): object {
  return {
    schema_version: 2,
    node: process.version,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? null,
    load_average: loadavg(),
    commit: headCommit(),
    lines: results,
  }
}

const verdict = (met: boolean | null): string => (met === null ? '-' : met ? 'yes' : 'NO')

function cell(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return value
  if (Number.isNaN(value)) return '-'
  if (Number.isInteger(value)) return String(value)
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value < 1 ? 3 : 2)
}

function headCommit(): string | null {
  try {
    const head = readFileSync(new URL('../../.git/HEAD', import.meta.url), 'utf8').trim()
    const ref = /^ref: (.+)$/.exec(head)?.[1]
    return ref ? readFileSync(new URL(`../../.git/${ref}`, import.meta.url), 'utf8').trim() : head
  } catch {
    return null
  }
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)))
  for (const row of rows) {
    const cells = row.map((text, column) => text + ' '.repeat((widths[column] ?? 0) - [...text].length))
    console.log(cells.join('  ').trimEnd())
  }
}
