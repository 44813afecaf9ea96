// The payload of `connect`.

import {commandDoubts} from '../../profiles/index.ts'
import type {RuntimesContext} from '../context.ts'
import {type LocalDetails, localDetails} from '../local/details.ts'
import type {LocalRuntime, RuntimeState} from '../local/look.ts'
import {doctorCommand, type RepairAction, repairActions} from '../local/repair.ts'
import {tailOf} from '../logs/log-tail.ts'
import {rawOutputFile} from '../process/launch.ts'
import type {AdminContext} from '../remote/admin-context.ts'
import type {TunnelJson} from '../remote/remote-tunnels.ts'
import type {Launch} from './connect-runtime.ts'
import {processView} from './process-view.ts'

/** The reference's payload; member names are its JSON. `drift` and `stderr_path` are ours. */
export interface ConnectReport {
  readonly alias: string
  readonly tunnel: TunnelJson
  readonly runtime_state: RuntimeState
  readonly healthy: boolean
  readonly ready: boolean
  readonly launched: boolean
  readonly already_running: boolean
  readonly mode: string
  /** What the process that ran before did otherwise, when it was replaced. */
  readonly drift: readonly string[]
  readonly remote_error: string
  /** Paths that were made absolute, one sentence each. */
  readonly notes?: readonly string[]
  /** What may not work as meant, one sentence each. Ours. */
  readonly warnings: readonly string[]
  readonly log_path: string
  readonly stderr_path: string
  readonly launch_diagnostics: {
    readonly exit_code?: number
    readonly log_path?: string
    readonly log_tail?: string
  } | null
  readonly repair_actions: readonly RepairAction[]
  readonly local: LocalDetails
  readonly [member: string]: unknown
}

const TAIL_LINES = 20

/** Makes it. */
export async function connectReport(from: {
  readonly runtime: LocalRuntime
  readonly tunnel: TunnelJson
  readonly admin: AdminContext
  readonly launch: Launch
  readonly exitStatus: number | null
  readonly remoteError: string
  /** Paths that were made absolute. */
  readonly notes: readonly string[]
  readonly context: RuntimesContext
}): Promise<ConnectReport> {
  const {runtime, tunnel, admin, launch, exitStatus, remoteError, notes, context} = from
  const {record, launched, drift, mode} = launch
  const local = await localDetails(runtime, context)
  const healthy = runtime.alive && local.effective_health.healthz.ok
  const logPath = record.log_path ?? ''
  const stderrPath = logPath === '' ? '' : rawOutputFile(logPath)
  return {
    alias: runtime.name,
    tunnel,
    admin_profile: admin.name,
    admin_profile_path: admin.path,
    profile_name: record.profile_name ?? '',
    profile_dir: record.profile_dir ?? '',
    profile_path: record.profile_path ?? '',
    profile_exists: local.profile.exists,
    config_path: record.config_path,
    health_url_file: record.health_url_file,
    health_url: local.health.url,
    ui_url: local.health.ui,
    runtime_state: local.runtime_state,
    healthy,
    ready: local.runtime_state === 'ready',
    launched,
    started: healthy,
    running: runtime.alive,
    already_running: !launched,
    drift,
    mode,
    command: record.command,
    session_name: record.session_name ?? '',
    log_path: logPath,
    stderr_path: stderrPath,
    launch_diagnostics: healthy
      ? logPath === ''
        ? null
        : {log_path: logPath}
      : await diagnostics({exitStatus, logPath, stderrPath}),
    remote_error: remoteError,
    warnings: record.target_kind === 'command' ? commandDoubts(record.target_value) : [],
    ...(notes.length === 0 ? {} : {notes}),
    tmux: local.tmux,
    process_running: local.process_running,
    process: processView(record),
    local,
    repair_actions: repairActions(runtime, local, remoteError),
    next_steps: [doctorCommand(runtime)],
    ...(record.pid ? {pid: record.pid} : {}),
    ...(exitStatus === null ? {} : {exit_code: exitStatus}),
  }
}

/** The newest words of a runtime that does not answer: raw output first, because a start that fails speaks there. */
async function diagnostics({
  exitStatus,
  logPath,
  stderrPath,
}: {
  exitStatus: number | null
  logPath: string
  stderrPath: string
}): Promise<NonNullable<ConnectReport['launch_diagnostics']>> {
  const raw = await tailOf(stderrPath, TAIL_LINES)
  const [path, tail] = raw === '' ? [logPath, await tailOf(logPath, TAIL_LINES)] : [stderrPath, raw]
  return {
    ...(exitStatus === null ? {} : {exit_code: exitStatus}),
    ...(path === '' ? {} : {log_path: path}),
    ...(tail === '' ? {} : {log_tail: tail}),
  }
}
