// What to do about a runtime, as commands that run when they are pasted.

import type {AliasRecord, ProcessRecord} from '../state/records.ts'
import type {LocalDetails} from './details.ts'

/** One suggestion. Ids are the reference's. */
export interface RepairAction {
  readonly id: string
  readonly command: string
  readonly reason: string
}

/** The records that suggestions are made from. */
export interface RepairRecords {
  readonly name: string
  readonly alias: AliasRecord | null
  readonly process: ProcessRecord | null
}

/** A command line whose words survive a shell. */
export const shellLine = (words: readonly string[]): string =>
  words.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')

/** Connects the alias again as it was; the target is a placeholder when nobody knows it. */
export function repairCommand({name, alias, process}: RepairRecords): string {
  const option = (flag: string, value: string | undefined): string[] => (value ? [flag, value] : [])
  const scope = alias?.organization_ids?.[0]
    ? ['--organization-id', alias.organization_ids[0]]
    : option('--workspace-id', alias?.workspace_ids?.[0])
  const words = [
    ...['tunnel-client', 'runtimes', 'connect', '--alias', name],
    ...option('--admin-profile', process?.admin_profile || alias?.admin_profile),
    ...option('--profile', process?.profile_name || alias?.profile_name),
    ...option('--profile-dir', process?.profile_dir || alias?.profile_dir),
    // A tunnel of a tenant cannot be made again, but it can be named.
    ...(scope.length > 0 ? scope : option('--tunnel-id', alias?.tunnel_id)),
  ]
  const {target_kind: kind = '', target_value: value = ''} = process ?? {}
  if (kind === 'server_url' && value !== '') return shellLine([...words, '--mcp-server-url', value])
  if (kind === 'command' && value !== '') return shellLine([...words, '--mcp-command', value])
  return `${shellLine(words)} <add --mcp-server-url or --mcp-command>`
}

/** The doctor for this runtime's profile. */
export function doctorCommand({alias, process}: RepairRecords): string {
  const name = process?.profile_name || alias?.profile_name
  const dir = process?.profile_dir || alias?.profile_dir
  const config = process?.config_path || alias?.config_path
  const source = name ? ['--profile', name, ...(dir ? ['--profile-dir', dir] : [])] : config ? ['--config', config] : []
  return shellLine(['tunnel-client', 'doctor', ...source, '--explain'])
}

/** What to do, most useful first; `inspect` when nothing is wrong. */
export function repairActions(records: RepairRecords, local: LocalDetails, remoteError: string): RepairAction[] {
  const {name, process} = records
  const again = repairCommand(records)
  const status = shellLine(['tunnel-client', 'runtimes', 'status', name, '--json'])
  const action = (id: string, command: string, reason: string, when: boolean): RepairAction[] =>
    when ? [{id, command, reason}] : []
  const missing = local.profile.path !== '' && !local.profile.exists
  const stale = local.live_admin_ui.found && !local.health.healthz.ok
  const actions = [
    ...action('reconnect_missing_profile', again, 'the profile of this runtime is gone', missing),
    ...action(
      'start_runtime',
      again,
      'nothing runs for this alias',
      !missing && local.runtime_state === 'stopped' && process !== null,
    ),
    ...action('refresh_stale_health_url', again, 'the recorded health URL leads nowhere', stale),
    ...action(
      'repair_control_plane_proxy',
      doctorCommand(records),
      `the way to the control plane is ${local.control_plane_poll_health.state}`,
      !['unknown', 'healthy', 'direct'].includes(local.control_plane_poll_health.state),
    ),
    ...action('check_remote_tunnel', status, remoteError, remoteError !== ''),
  ]
  return actions.length > 0 ? actions : [{id: 'inspect', command: status, reason: 'see how the runtime is doing'}]
}
