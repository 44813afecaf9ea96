// `health`: is that daemon alive, ready, polling, and the process we think it is?

import {TunnelError} from '../../foundation/errors/index.ts'
import {createHttpDoor, type HttpDoor, parseDuration} from '../../foundation/platform/index.ts'
import {daemonDestination, parseHealthUrl, shownUrl} from './health-url.ts'
import {type DaemonLocator, type LocatorReport, locate} from './locator.ts'
import {type EndpointProbe, type MetricProbe, probeEndpoint, probeMetric, probePage} from './probe.ts'
import {type ProcessReport, processReport} from './process-report.ts'
import {askVerdict, type VerdictReport} from './verdict.ts'

/** What to look at. */
export interface HealthOptions extends DaemonLocator {
  /** 0 counts as not given. */
  readonly pid?: number | undefined
  readonly pidFile?: string | undefined
  readonly requireControlPlanePoll?: boolean
  /** Ask again until it is fine, for at most this long (`30s`). Without it: ask once. */
  readonly wait?: string | undefined
  /** Ends the waiting early with what is known. */
  readonly signal?: AbortSignal
}

/** Member names and order are the reference's JSON. */
export interface HealthReport {
  readonly locator: LocatorReport
  readonly process?: ProcessReport
  readonly base_url?: string
  /** Only where there is a page. */
  readonly ui_url?: string
  readonly healthz: EndpointProbe
  readonly readyz: EndpointProbe
  readonly control_plane_poll?: MetricProbe
  /** Only of a daemon that is not ready and says why. */
  readonly verdict?: VerdictReport
  readonly result: 'ok' | 'fail'
}

const ENDPOINT_MS = 500
const METRICS_MS = 2000
const RETRY_MS = 200
const POLL_METRIC = 'commands_poll_last_successful_timestamp_seconds'

/** Looks at a daemon. Throws TC-CLI-USAGE for options that make no sense; everything else is part of the report. */
export async function checkHealth(options: HealthOptions): Promise<HealthReport> {
  const {pid = 0, pidFile = '', signal} = options
  const waitMs = patience(options.wait)
  if (pid < 0) throw new TunnelError('TC-CLI-USAGE', '--pid must be positive')
  if (pid > 0 && pidFile.trim() !== '') {
    throw new TunnelError('TC-CLI-USAGE', 'choose at most one of --pid or --pid-file')
  }
  const door = createHttpDoor()
  try {
    const end = performance.now() + waitMs
    for (;;) {
      const report = await checkOnce(options, door)
      const left = end - performance.now()
      if (report.result === 'ok' || left <= 0 || signal?.aborted) return report
      await pause(Math.min(RETRY_MS, left), signal)
    }
  } finally {
    await door.close()
  }
}

function patience(wait: string | undefined): number {
  if (wait === undefined) return 0
  const read = parseDuration(wait)
  if (!read.ok) {
    throw new TunnelError('TC-CLI-USAGE', `invalid argument ${JSON.stringify(wait)} for "--wait" flag: ${read.problem}`)
  }
  return read.ms
}

async function checkOnce(options: HealthOptions, door: HttpDoor): Promise<HealthReport> {
  const locator = await locate(options)
  const pidFile = options.pidFile?.trim() ?? ''
  const [answers, process] = await Promise.all([
    askDaemon(locator, {door, poll: options.requireControlPlanePoll === true}),
    pidFile !== '' ? processReport({pidFile}) : options.pid ? processReport({pid: options.pid}) : undefined,
  ])
  const report = {locator: shown(locator), ...(process ? {process} : {}), ...answers}
  return {...report, result: isFine(report) ? 'ok' : 'fail'}
}

/** A report is copied into tickets: a password has no place in it. */
function shown(locator: LocatorReport): LocatorReport {
  const {url, resolved_base_url: base} = locator
  return {
    ...locator,
    ...(url === undefined ? {} : {url: shownUrl(url)}),
    ...(base === undefined ? {} : {resolved_base_url: shownUrl(base)}),
  }
}

type Answers = Omit<HealthReport, 'locator' | 'process' | 'result'>

async function askDaemon(locator: LocatorReport, {door, poll}: {door: HttpDoor; poll: boolean}): Promise<Answers> {
  const nobody: EndpointProbe = {ok: false}
  if (locator.resolved_base_url === undefined) return {healthz: nobody, readyz: nobody}
  const target = parseHealthUrl(locator.resolved_base_url)
  if (target === null) {
    const unasked = poll ? {control_plane_poll: {ok: false, error: 'not a health URL'}} : {}
    return {healthz: nobody, readyz: nobody, ...unasked}
  }
  const destination = daemonDestination(door, target)
  const at = (path: string, timeoutMs: number) => ({destination, target, path, timeoutMs})
  try {
    const [healthz, readyz, ui, metric] = await Promise.all([
      probeEndpoint(at('/healthz', ENDPOINT_MS)),
      probeEndpoint(at('/readyz', ENDPOINT_MS)),
      probePage({destination, target, timeoutMs: ENDPOINT_MS}),
      poll
        ? probeMetric({
            ...at('/metrics', METRICS_MS),
            metric: POLL_METRIC,
            absent: 'no successful control-plane poll observed',
          })
        : undefined,
    ])
    const isUnready = !readyz.ok && readyz.status !== undefined
    const verdict = isUnready ? await askVerdict({destination, target, timeoutMs: ENDPOINT_MS}) : undefined
    const base = {base_url: target.baseUrl, ...(ui === undefined ? {} : {ui_url: ui}), healthz, readyz}
    return {
      ...base,
      ...(metric === undefined ? {} : {control_plane_poll: metric}),
      ...(verdict === undefined ? {} : {verdict}),
    }
  } finally {
    await destination.close()
  }
}

function isFine(report: Omit<HealthReport, 'result'>): boolean {
  const {locator, process, healthz, readyz, control_plane_poll: poll} = report
  if (locator.error !== undefined || !healthz.ok || !readyz.ok) return false
  if (process !== undefined && (process.error !== undefined || !process.running)) return false
  return poll === undefined || poll.ok
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
