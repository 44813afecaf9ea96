// The member `local` of the reference's payloads: everything that this machine tells about a runtime, for scripts and for
// people who look for what is wrong.

import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {askDaemon, type DaemonAnswers, type EndpointProbe, readDaemonPage, readHealthUrlFile} from '../../live/index.ts'
import type {RuntimesContext} from '../context.ts'
import {tailOf} from '../logs/log-tail.ts'
import {logFileOf} from '../profile/runtime-profile.ts'
import {readRecords} from '../state/records.ts'
import {localIssues} from './issues.ts'
import {type LocalRuntime, PROBE_MS, type RuntimeState} from './look.ts'
import {type PollHealth, pollHealth} from './poll-health.ts'

/** One endpoint; every member is always there. */
export interface EndpointJson {
  readonly url: string
  readonly ok: boolean
  readonly status: number
  readonly body: string
  readonly error: string
}

/** A file that may be missing. */
export interface PathJson {
  readonly path: string
  readonly exists: boolean
  readonly size_bytes: number
}

/** A daemon found at a health URL. */
export type LiveAdminUi =
  | {readonly found: false}
  | {
      readonly found: true
      readonly base_url: string
      readonly ui_url: string
      readonly source_health_url_file: string
      readonly match_reason: 'control_plane_tunnel_id'
      readonly status: Readonly<Record<string, unknown>>
      readonly system: Readonly<Record<string, unknown>> | null
    }

/** The object. */
export interface LocalDetails {
  readonly runtime_state: RuntimeState
  readonly issues: readonly string[]
  readonly profile: PathJson & {readonly name: string; readonly dir: string; readonly config_path: string}
  readonly health: PathJson & {
    readonly raw_url: string
    readonly base_url: string
    readonly url: string
    readonly ui: string
    readonly healthz: EndpointJson
    readonly readyz: EndpointJson
  }
  readonly effective_health: {
    readonly base_url: string
    readonly url: string
    readonly ui: string
    readonly healthz: EndpointJson
    readonly readyz: EndpointJson
  }
  readonly live_admin_ui: LiveAdminUi
  readonly control_plane_poll_health: PollHealth
  readonly log: PathJson & {readonly tail: string}
  readonly tmux: {readonly session_name: string; readonly running: boolean}
  readonly process_running: boolean
}

const TAIL_LINES = 20

/** Gathers it; one second at most. */
export async function localDetails(runtime: LocalRuntime, context: RuntimesContext): Promise<LocalDetails> {
  const {process, alias, answers, healthUrl, healthUrlFile, tmux, identity} = runtime
  const record = process ?? alias
  const profilePath = process?.profile_path || alias?.profile_path || ''
  const logPath = process?.log_path || (alias === null ? '' : logFileOf(runtime.name, context.root))
  const [health, profile, log, tail, live] = await Promise.all([
    pathJson(healthUrlFile),
    pathJson(profilePath),
    pathJson(logPath),
    tailOf(logPath, TAIL_LINES),
    liveAdminUi(runtime, context),
  ])
  const effective =
    answers.healthz.ok || !live.found
      ? answers
      : await askDaemon(live.base_url, {door: context.door, timeoutMs: PROBE_MS})
  const runningElsewhere = live.found && !runtime.alive
  const poll = pollHealth(live)
  const processRunning = identity.state === 'ours' || (process?.mode === 'tmux' && tmux.running)
  return {
    runtime_state: runningElsewhere ? stateAt(effective) : runtime.state,
    issues: localIssues({runtime, profile, log, live, poll, processRunning}),
    profile: {
      ...profile,
      name: record?.profile_name ?? '',
      dir: record?.profile_dir ?? '',
      config_path: record?.config_path ?? '',
    },
    health: {...health, raw_url: healthUrl, ...endpointsJson(answers)},
    effective_health: endpointsJson(effective),
    live_admin_ui: live,
    control_plane_poll_health: poll,
    log: {...log, tail},
    tmux: {session_name: tmux.session_name, running: tmux.running},
    process_running: processRunning,
  }
}

const stateAt = ({healthz, readyz}: DaemonAnswers): RuntimeState =>
  healthz.ok ? (readyz.ok ? 'ready' : 'healthy') : 'starting'

const endpointsJson = ({baseUrl, healthz, readyz, ui}: DaemonAnswers) => ({
  base_url: baseUrl,
  url: healthz.url ?? '',
  ui,
  healthz: endpointJson(healthz),
  readyz: endpointJson(readyz),
})

const endpointJson = ({url = '', ok, status = 0, body = '', error = ''}: EndpointProbe): EndpointJson => ({
  url,
  ok,
  status,
  body,
  error,
})

async function pathJson(path: string): Promise<PathJson> {
  const found = path === '' ? null : await stat(path).catch(() => null)
  return {path, exists: found !== null, size_bytes: found === null || found.isDirectory() ? 0 : found.size}
}

/**
 * The daemon of this alias: at its own URL, or at a URL file that belongs to no other alias (a daemon started by hand for
 * the same tunnel). The file of another alias is that alias's daemon, also when both serve one tunnel.
 */
async function liveAdminUi(runtime: LocalRuntime, context: RuntimesContext): Promise<LiveAdminUi> {
  const {answers, healthUrlFile, healthUrl} = runtime
  if (runtime.answersAreOurs && answers.status !== null) {
    return await liveAt({url: healthUrl, answers, file: healthUrlFile}, context)
  }
  const tunnelId = runtime.alias?.tunnel_id || runtime.process?.tunnel_id || ''
  const {aliases, processes} = await readRecords(context.root)
  const files = (await readdir(context.root.healthFolder).catch(() => []))
    .filter((file) => file.endsWith('.url'))
    .filter((file) => !Object.hasOwn(aliases, file.slice(0, -4)) && !Object.hasOwn(processes, file.slice(0, -4)))
    .toSorted()
  const found = await Promise.all(
    files.map(async (name) => {
      const file = join(context.root.healthFolder, name)
      const url = await readHealthUrlFile(file)
      if (url === null || url === healthUrl) return null
      const said = await askDaemon(url, {door: context.door, timeoutMs: PROBE_MS})
      const serves = said.status?.control_plane_tunnel_id
      return said.status !== null && tunnelId !== '' && serves === tunnelId ? {url, answers: said, file} : null
    }),
  )
  const first = found.find((candidate) => candidate !== null)
  return first ? await liveAt(first, context) : {found: false}
}

async function liveAt(
  {url, answers, file}: {readonly url: string; readonly answers: DaemonAnswers; readonly file: string},
  {door}: RuntimesContext,
): Promise<LiveAdminUi> {
  return {
    found: true,
    base_url: answers.baseUrl,
    ui_url: answers.ui,
    source_health_url_file: file,
    match_reason: 'control_plane_tunnel_id',
    status: answers.status ?? {},
    system: await readDaemonPage(url, {door, path: '/api/system', timeoutMs: PROBE_MS}),
  }
}
