// The report for people and for scripts that read lines. `CHECK`, `RESULT`, `FAILED_CHECKS`, `EXIT_CODE` and `NEXT` keep
// the reference's form byte for byte.

import {docsCommand, Exit} from '../../foundation/errors/index.ts'
import {type Block, heading, list, note, paragraph, type Tone, text} from '../../foundation/platform/index.ts'
import type {CheckStatus} from './check.ts'
import type {CheckJson, DoctorReport} from './report.ts'

/** How to show it. */
export interface DoctorView {
  /** For a person at a terminal: checks, problems, and the verdict as the last line. Otherwise lines for scripts. */
  readonly tty: boolean
  /** Tell the reasons, the evidence and the next steps of everything that did not pass. */
  readonly explain: boolean
}

/** Draws a report. */
export function doctorBlocks(report: DoctorReport, view: DoctorView): Block[] {
  if (view.tty) return terminalBlocks(report, view)
  const blocks = [text([report.verdict.line, ...checkLines(report)]), text(['', ...trailer(report)])]
  if (!view.explain) return blocks
  const told = report.checks.filter(({status}) => status !== 'PASS' && status !== 'BLOCKED')
  return [...blocks, ...told.map((check) => text(explained(check)))]
}

const keyOf = (check: CheckJson): string =>
  check.destination === undefined ? check.id : `${check.destination}/${check.id}`

const checkLines = (report: DoctorReport): string[] =>
  report.checks.map((check) => `CHECK ${keyOf(check).padEnd(24)} ${check.status.padEnd(4)} ${check.summary}`)

function trailer(report: DoctorReport): string[] {
  if (report.result === 'ok') return ['RESULT ok', ...(report.next === undefined ? [] : [`NEXT   ${report.next}`])]
  const broke = report.checks.some(({failure_class}) => failure_class === 'doctor_bug')
  const code = broke ? Exit.failed : report.result === 'interrupted' ? Exit.interrupted : Exit.unhealthy
  return [
    `RESULT ${report.result}`,
    ...(report.failed_checks === undefined ? [] : [`FAILED_CHECKS ${report.failed_checks.join(',')}`]),
    `EXIT_CODE ${code}`,
  ]
}

function explained(check: CheckJson): string[] {
  const lines = ['', `CHECK ${keyOf(check)}   ${check.status}`]
  if (check.why !== undefined) lines.push('Why this matters:', `  ${check.why}`)
  if (check.evidence !== undefined) lines.push('', 'Evidence:', ...check.evidence.map((line) => `  - ${line}`))
  if (check.next !== undefined) {
    lines.push('', 'What to do next:', ...check.next.map((line, at) => `  ${at + 1}. ${line}`))
  }
  if (check.docs !== undefined) lines.push('', `Read more: ${docsCommand(check.docs)}`)
  return lines
}

const TONES: Readonly<Record<CheckStatus, Tone>> = {
  PASS: 'plain',
  WARN: 'warn',
  FAIL: 'fail',
  UNKNOWN: 'warn',
  SKIP: 'plain',
  BLOCKED: 'plain',
}

function terminalBlocks(report: DoctorReport, {explain}: DoctorView): Block[] {
  const shown: readonly CheckStatus[] = explain ? ['FAIL', 'WARN', 'UNKNOWN', 'SKIP'] : ['FAIL', 'WARN', 'UNKNOWN']
  // The summary of a ladder would tell the same trouble a second time.
  const told = report.checks.some((check) => check.destination === 'mcp:main' && check.status === 'FAIL')
  const problem = ({id, status}: CheckJson): boolean =>
    shown.includes(status) && !(told && id === 'mcp_server_reachable')
  const problems = report.checks.filter(problem)
  const verdict = note(report.verdict.line, report.result === 'ok' ? 'ok' : 'fail')
  return [
    // Long output scrolls away: the verdict stands at both ends of it.
    ...(problems.length > 0 ? [verdict] : []),
    heading('Checks'),
    ...[...byPlace(report.checks)].flatMap(([place, checks]) => placeBlocks(place, checks, explain)),
    ...problems.flatMap(problemBlocks),
    heading(report.result === 'ok' ? 'Result' : 'Verdict'),
    verdict,
    ...(report.result === 'ok' && report.next !== undefined ? [text(`Next: ${report.next}`)] : []),
  ]
}

/** The checks of one place: what passed in one line, a line for each of the rest. With `explain` a line for every check. */
function placeBlocks(place: string, checks: readonly CheckJson[], explain: boolean): Block[] {
  const passed = checks.filter(({status}) => status === 'PASS')
  const shown = explain ? checks : checks.filter(({status}) => status !== 'PASS' && status !== 'SKIP')
  const lines = shown.map((check) =>
    note(`${check.status.padEnd(7)} ${keyOf(check)}: ${check.summary}`, TONES[check.status]),
  )
  if (explain || passed.length === 0) return lines
  return [note(`PASS    ${place}: ${passed.map(({id}) => id).join(', ')}`), ...lines]
}

function byPlace(checks: readonly CheckJson[]): Map<string, CheckJson[]> {
  const groups = new Map<string, CheckJson[]>()
  for (const check of checks) {
    const title = check.destination ?? 'configuration and this machine'
    groups.set(title, [...(groups.get(title) ?? []), check])
  }
  return groups
}

function problemBlocks(check: CheckJson): Block[] {
  return [
    heading(`${check.status} ${keyOf(check)}: ${check.summary}`),
    ...(check.why === undefined ? [] : [paragraph(check.why)]),
    ...(check.evidence === undefined ? [] : [list(check.evidence)]),
    ...(check.next === undefined ? [] : [paragraph('What to do next:'), list(check.next, {ordered: true})]),
  ]
}
