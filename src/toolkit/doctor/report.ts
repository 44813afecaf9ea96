// The report as data: what `--json` prints. The reference's members come first and in its order; ours are additions.

import {failureDocs, type Who} from '../../foundation/errors/index.ts'
import {codeOf, whoOf} from './attribution.ts'
import {type CheckStatus, type Hop, type LadderRung, type Row, rowKey} from './check.ts'
import type {RunResult} from './runner.ts'
import {type Verdict, verdictOf} from './verdict.ts'

/** One row as JSON. Members without a value are left out. */
export interface CheckJson {
  readonly id: string
  readonly status: CheckStatus
  readonly summary: string
  readonly why?: string
  readonly evidence?: readonly string[]
  readonly next?: readonly string[]
  readonly destination?: string
  readonly rung?: LadderRung
  readonly failure_class?: string
  readonly code?: string
  readonly who?: readonly Who[]
  readonly docs?: string
  readonly source?: 'probe' | 'daemon'
  readonly inferred?: boolean
  readonly blocked_by?: string
  readonly duration_ms?: number
  readonly next_run?: readonly (readonly string[])[]
  readonly hop?: Hop
  readonly facts?: Readonly<Record<string, unknown>>
}

/** How a destination is reached. */
export interface RouteJson {
  readonly destination: string
  readonly mode: 'direct' | 'unix'
  readonly rule: string
  readonly near_misses: readonly string[]
}

/** The whole report. */
export interface DoctorReport {
  readonly schema_version: 1
  readonly result: 'ok' | 'fail' | 'interrupted'
  readonly failed_checks?: readonly string[]
  readonly next?: string
  readonly verdict: Verdict
  readonly checks: readonly CheckJson[]
  readonly routes: readonly RouteJson[]
  readonly clock?: {readonly skew_ms: number; readonly source: 'verified'}
  readonly duration_ms: number
}

/** What a report is made from. */
export interface ReportInput extends RunResult {
  /** The command to run next when all is well. */
  readonly next: string
  readonly offline: boolean
  /** Only a part was asked for. */
  readonly partial: boolean
  /** A warning counts as a failure. */
  readonly strict: boolean
  /** Server clock minus ours, from a verified peer. */
  readonly skewMs: number | null
  readonly durationMs: number
}

/** Rows that make the result `fail`: every FAIL, UNKNOWN where a call depends on it or the doctor broke; with `strict` every WARN. */
const failing = (rows: readonly Row[], {strict}: {strict: boolean}): readonly Row[] =>
  rows.filter(
    ({status, required, failure}) =>
      status === 'FAIL' ||
      (status === 'UNKNOWN' && (required || failure === 'doctor_bug')) ||
      (status === 'WARN' && strict),
  )

/** Judges the rows and lays them out. */
export function reportOf(input: ReportInput): DoctorReport {
  const rows = inReferenceOrder(input.rows)
  const failed = failing(rows, input)
  const result = input.interrupted ? 'interrupted' : failed.length > 0 ? 'fail' : 'ok'
  return {
    schema_version: 1,
    result,
    ...(failed.length > 0 ? {failed_checks: failed.map(rowKey)} : {}),
    ...(result === 'ok' ? {next: input.next} : {}),
    verdict: verdictOf({...input, rows, failed}),
    checks: rows.map(checkJson),
    routes: rows.flatMap(routeJson),
    ...(input.skewMs === null ? {} : {clock: {skew_ms: input.skewMs, source: 'verified' as const}}),
    duration_ms: Math.round(input.durationMs),
  }
}

/** True when the reference would print a row for this, so that scripts expect it where it stands. */
const early = (row: Row): boolean => row.destination === null && row.status !== 'BLOCKED'

/**
 * The reference's rows keep their places; what it would not print (BLOCKED, ladders) comes after them. A failed
 * configuration is reported right behind `profile_load`, wherever its check stands otherwise.
 */
function inReferenceOrder(rows: readonly Row[]): readonly Row[] {
  const place = (row: Row, at: number): number => {
    if (row.destination !== null) return 3_000_000 + at
    if (!early(row)) return 2_000_000 + at
    const broken = row.status === 'FAIL' && row.code?.startsWith('TC-CONFIG') === true
    return broken ? at / 1000 : 1000 + at
  }
  const heads = new Set(['config_source', 'profile_load'])
  const keyed = rows.map((row, at) => ({row, key: heads.has(row.id) && early(row) ? -10 + at : place(row, at)}))
  return keyed.toSorted((a, b) => a.key - b.key).map(({row}) => row)
}

function checkJson(row: Row): CheckJson {
  const told = row.status !== 'PASS' && row.status !== 'SKIP' && row.status !== 'BLOCKED'
  const code = codeOf(row)
  const who = told ? whoOf(row) : undefined
  return {
    id: row.id,
    status: row.status,
    summary: row.summary,
    ...(told ? {why: row.why} : {}),
    ...(row.evidence.length > 0 ? {evidence: row.evidence} : {}),
    ...(row.next.length > 0 ? {next: row.next} : {}),
    ...(row.destination === null ? {} : {destination: row.destination}),
    ...(row.rung === null ? {} : {rung: row.rung}),
    ...(row.failure === undefined ? {} : {failure_class: row.failure}),
    ...(code === undefined ? {} : {code}),
    ...(who === undefined || who.length === 0 ? {} : {who}),
    ...(row.failure === undefined ? {} : {docs: failureDocs(row.failure)}),
    ...(row.source === undefined ? {} : {source: row.source}),
    ...(row.inferred === undefined ? {} : {inferred: row.inferred}),
    ...(row.blockedBy === null ? {} : {blocked_by: row.blockedBy}),
    ...(row.status === 'BLOCKED' || row.status === 'SKIP' ? {} : {duration_ms: row.ms}),
    ...(row.nextRun === undefined ? {} : {next_run: row.nextRun}),
    ...(row.hop === undefined ? {} : {hop: row.hop}),
    ...(row.facts === undefined ? {} : {facts: row.facts}),
  }
}

function routeJson(row: Row): RouteJson[] {
  if (row.id !== 'route' || row.destination === null || row.hop === undefined) return []
  return [{destination: row.destination, mode: row.hop.kind, rule: row.hop.rule, near_misses: []}]
}
