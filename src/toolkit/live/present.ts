// A health report as the lines that the reference prints and scripts match.

import {docsCommand} from '../../foundation/errors/index.ts'
import {type Block, text} from '../../foundation/platform/index.ts'
import type {HealthReport} from './health.ts'
import type {LocatorReport} from './locator.ts'
import type {EndpointProbe, MetricProbe} from './probe.ts'
import type {ProcessReport} from './process-report.ts'

/** The report for people. */
export function healthBlocks(report: HealthReport): Block[] {
  const {locator, base_url, ui_url, healthz, readyz, control_plane_poll, process, verdict, result} = report
  const lines = [
    `Locator: ${locatorText(locator)}`,
    locator.error && `Locator error: ${locator.error}`,
    base_url && `Base URL: ${base_url}`,
    ui_url && `UI URL: ${ui_url}`,
    `Healthz: ${endpointText(healthz)}`,
    `Readyz: ${endpointText(readyz)}`,
    control_plane_poll && `Control-plane poll: ${metricText(control_plane_poll)}`,
    process && `Process: ${processText(process)}`,
    verdict && `Verdict: ${verdict.sentence}`,
    verdict?.next && `Next: ${verdict.next}`,
    verdict?.docs && `Docs: ${docsCommand(verdict.docs)}`,
    `Result: ${result.toUpperCase()}`,
  ]
  return [text(lines.flatMap((line) => (line ? [line] : [])))]
}

const joined = (...parts: readonly (string | number | false | undefined)[]): string => parts.filter(Boolean).join(' | ')

const verdict = (ok: boolean): string => (ok ? 'PASS' : 'FAIL')

function locatorText(locator: LocatorReport): string {
  if (locator.kind === 'url') return `url=${locator.url}`
  if (locator.kind === 'url_file') return `url_file=${locator.url_file}`
  return `port=${locator.port}`
}

const endpointText = (probe: EndpointProbe): string =>
  joined(verdict(probe.ok), probe.url, probe.status !== undefined && `HTTP ${probe.status}`, probe.error ?? probe.body)

const metricText = (probe: MetricProbe): string =>
  joined(
    verdict(probe.ok),
    probe.url,
    probe.ok ? `last_success_unix_seconds=${(probe.value ?? 0).toFixed(0)}` : probe.error,
  )

function processText(process: ProcessReport): string {
  const file = process.pid_file !== undefined && `pid_file=${process.pid_file}`
  if (process.error !== undefined) return joined('FAIL', file, process.error)
  return joined(verdict(process.running), `pid=${process.pid}`, file)
}
