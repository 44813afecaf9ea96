// One visit to the doctor: facts, checks, report; whatever was opened is closed before it returns.

import type {LoadInput} from '../../foundation/config/index.ts'
import {TunnelError} from '../../foundation/errors/index.ts'
import {createHttpDoor, createIdentity, parseDuration, releases} from '../../foundation/platform/index.ts'
import {runCommand, watchCommand} from './advice/commands.ts'
import type {DoctorSwitches} from './check.ts'
import {createFacts} from './facts.ts'
import {destinationsOf} from './ladder/destinations.ts'
import {CHECKS} from './registry.ts'
import {type DoctorReport, reportOf} from './report.ts'
import {runChecks} from './runner.ts'
import {EVERYTHING, select} from './selection.ts'
import {createSources, DEFAULT_BUDGET_MS, RUNG_MS} from './sources/create-sources.ts'

/** What to look at, and how. */
export interface DoctorOptions {
  /** The configuration as `run` would load it. */
  readonly input: LoadInput
  readonly version: string
  /** Nothing leaves this machine. */
  readonly offline?: boolean
  /** Start no child process. Default: start one where nobody else can tell. */
  readonly spawn?: boolean
  /** Whole budget, for example `60s`; every rung gets its share. Default 10s. */
  readonly timeout?: string | undefined
  /** A warning counts as a failure. */
  readonly strict?: boolean
  /** Only these: a check id, a destination, or `destination/id`. */
  readonly only?: readonly string[]
  /** Aborted by Ctrl-C: what is known is reported. */
  readonly signal?: AbortSignal
  /** Called with the keys of the running checks whenever one begins or ends. */
  readonly onProgress?: (running: readonly string[]) => void
}

/** The report, and whether the doctor itself broke on the way. */
export interface Diagnosis {
  readonly report: DoctorReport
  readonly defect: boolean
}

/** Looks at everything. Throws TC-CLI-USAGE for options that make no sense. */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const {input, version, offline = false, spawn = true, strict = false, signal, onProgress} = options
  const switches: DoctorSwitches = {offline, spawn, budgetMs: budgetOf(options.timeout)}
  const selection = select(options.only ?? [], CHECKS)
  const share = switches.budgetMs / DEFAULT_BUDGET_MS
  const {resolve, connect, tls} = RUNG_MS
  const door = createHttpDoor({budgets: {resolve: resolve * share, connect: connect * share, tls: tls * share}})
  const opened = releases()
  opened.add('connections', () => door.close())
  const started = performance.now()
  try {
    const facts = createFacts(
      createSources({input, switches, identity: createIdentity(version), door, releases: opened}),
    )
    const destinations = async () => destinationsOf(await facts.get('config', null))
    const result = await runChecks({
      checks: CHECKS,
      facts,
      switches,
      destinations,
      selection,
      ...(signal === undefined ? {} : {signal}),
      ...(onProgress === undefined ? {} : {onProgress}),
    })
    const source = await facts.get('source', null).catch(() => null)
    const asked = result.rows.some(({id, source: by}) => id === 'http' && by === 'probe')
    const skewMs = asked ? await facts.get('skew', null).catch(() => null) : null
    const partial = selection !== EVERYTHING
    const durationMs = performance.now() - started
    const daemon = await facts.get('daemon', null).catch(() => null)
    const next = daemon === null ? runCommand(source) : watchCommand(daemon.baseUrl)
    const report = reportOf({...result, next, offline, partial, strict, skewMs, durationMs})
    return {report, defect: result.defect}
  } finally {
    await opened.release().catch(() => {})
  }
}

function budgetOf(timeout: string | undefined): number {
  if (timeout === undefined) return DEFAULT_BUDGET_MS
  const read = parseDuration(timeout)
  if (read.ok && read.ms > 0) return read.ms
  const problem = read.ok ? 'it has to be above 0' : read.problem
  throw new TunnelError(
    'TC-CLI-USAGE',
    `invalid argument ${JSON.stringify(timeout)} for "--timeout" flag: ${problem}`,
    {
      next: ['Write for example --timeout 30s'],
    },
  )
}
