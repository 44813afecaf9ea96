// Records as payloads show them: every member there, as the reference prints them.

import type {AliasRecord, ProcessRecord} from '../state/records.ts'

/** A process record; `pid` only when there is one. */
export const processView = (record: ProcessRecord): Record<string, unknown> => ({
  admin_profile: record.admin_profile ?? '',
  alias: record.alias,
  command: record.command,
  config_path: record.config_path,
  health_url_file: record.health_url_file,
  log_path: record.log_path ?? '',
  mode: record.mode ?? '',
  ...(record.host === undefined ? {} : {host: record.host.name}),
  ...(record.pid ? {pid: record.pid} : {}),
  profile_dir: record.profile_dir ?? '',
  profile_name: record.profile_name ?? '',
  profile_path: record.profile_path ?? '',
  session_name: record.session_name ?? '',
  started_at: record.started_at,
  target_kind: record.target_kind,
  target_value: record.target_value,
  tunnel_id: record.tunnel_id,
})

/** An alias record with all fourteen members; id lists may be null. */
export const aliasView = (record: AliasRecord): Record<string, unknown> => ({
  admin_profile: record.admin_profile ?? '',
  alias: record.alias,
  config_path: record.config_path ?? '',
  description: record.description ?? '',
  health_url_file: record.health_url_file ?? '',
  name: record.name,
  organization_ids: record.organization_ids ?? null,
  profile_dir: record.profile_dir ?? '',
  profile_name: record.profile_name ?? '',
  profile_path: record.profile_path ?? '',
  tenant_ids: record.tenant_ids ?? null,
  tunnel_id: record.tunnel_id,
  updated_at: record.updated_at ?? '',
  workspace_ids: record.workspace_ids ?? null,
})
