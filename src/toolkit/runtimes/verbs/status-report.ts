// The payload that `status` and `stop` share.

import type {LocalDetails} from '../local/details.ts'
import type {LocalRuntime, RuntimeState} from '../local/look.ts'
import {doctorCommand, type RepairAction, repairActions, repairCommand, shellLine} from '../local/repair.ts'
import type {AdminContext} from '../remote/admin-context.ts'
import type {TunnelJson} from '../remote/remote-tunnels.ts'
import {processView} from './process-view.ts'

/** What the tunnel service said, or why it was not asked. */
export interface RemoteView {
  readonly tunnel: TunnelJson | null
  /** The service has no such tunnel. */
  readonly stale: boolean
  readonly error: string
  readonly attempted: boolean
  /** `runtime`, `admin` or empty. */
  readonly authKind: string
  readonly authRef: string
  readonly skippedReason: string
}

/** The reference's payload; member names are its JSON. */
export interface StatusReport {
  readonly alias: string
  readonly tunnel_id: string
  readonly runtime_state: RuntimeState
  readonly healthy: boolean
  readonly ready: boolean
  readonly stale: boolean
  readonly error: string
  readonly remote_error: string
  readonly remote: TunnelJson | null
  readonly process: Readonly<Record<string, unknown>> | null
  readonly process_running: boolean
  readonly repair_actions: readonly RepairAction[]
  readonly local: LocalDetails
  readonly [member: string]: unknown
}

/** Makes it. */
export function statusReport(
  runtime: LocalRuntime,
  {local, admin, remote}: {local: LocalDetails; admin: AdminContext; remote: RemoteView},
): StatusReport {
  const {name, alias, process} = runtime
  const actions = repairActions(runtime, local, remote.error)
  return {
    alias: name,
    tunnel_id: alias?.tunnel_id ?? process?.tunnel_id ?? '',
    admin_profile: admin.name,
    admin_profile_path: admin.path,
    remote: remote.tunnel,
    stale: remote.stale,
    error: remote.error,
    remote_error: remote.error,
    repair_command: repairCommand(runtime),
    repair_actions: actions,
    config_path: alias?.config_path ?? '',
    profile_name: alias?.profile_name ?? '',
    profile_dir: alias?.profile_dir ?? '',
    profile_path: alias?.profile_path ?? '',
    profile_exists: local.profile.exists,
    health_url_file: alias?.health_url_file ?? '',
    health_url: local.health.url,
    ui_url: local.health.ui,
    runtime_state: local.runtime_state,
    healthy: !['stopped', 'unknown'].includes(local.runtime_state) && local.effective_health.healthz.ok,
    ready: local.runtime_state === 'ready',
    control_plane_poll_health: local.control_plane_poll_health,
    remote_lookup_attempted: remote.attempted,
    remote_lookup_auth_kind: remote.authKind,
    remote_lookup_auth_ref: remote.authRef,
    remote_skipped_reason: remote.skippedReason,
    tmux: local.tmux,
    process_running: local.process_running,
    process: process === null ? null : processView(process),
    local,
    next_steps: [
      ...new Set([
        ...actions.map(({command}) => command),
        doctorCommand(runtime),
        shellLine(['tunnel-client', 'runtimes', 'status', name]),
      ]),
    ],
  }
}
