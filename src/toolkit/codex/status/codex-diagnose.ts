// `codex diagnose`: everything that connects Codex, the plugin, this program and one runtime, in one report.

import {join} from 'node:path'
import {messageOf} from '../../../foundation/errors/index.ts'
import {resolveStateRoot, runtimeStatus, type StatusReport, withRuntimes} from '../../runtimes/index.ts'
import {BINARY_HINT, resolveCodexHome} from '../codex-home.ts'
import {detectPlugin, type StaleEntry} from '../detect.ts'
import {profileDirOf} from '../surroundings.ts'
import {type CodexStatus, codexStatus, type StatusInput} from './codex-status.ts'

/** What diagnosing takes besides {@link StatusInput}. */
export interface DiagnoseInput extends StatusInput {
  /** `--plugin-root` */
  readonly pluginRoot?: string | undefined
  /** `--health-url` */
  readonly healthUrl?: string | undefined
  /** Alias of a runtime. */
  readonly alias?: string | undefined
  readonly signal: AbortSignal
  /** Probes `/healthz` and `/readyz` below a URL. Never rejects. */
  probe(url: string): Promise<HealthProbe>
}

/** Answers of a daemon's two endpoints. */
export interface HealthProbe {
  readonly base_url?: string
  readonly healthz: object
  readonly readyz: object
}

/** The reference's report; optional keys are left out when they are empty. */
export interface CodexDiagnosis {
  readonly loaded_plugin_source: string
  readonly codex_home: string
  readonly config_path: string
  readonly enabled_plugin_config_keys?: readonly string[]
  readonly cache_path: string
  readonly plugin_key: string
  readonly plugin_marketplace: string
  readonly plugin_version: string
  readonly plugin_installed: boolean
  readonly plugin_binary_hint?: string
  readonly plugin_binary_hint_path?: string
  readonly plugin_binary_hint_found: boolean
  readonly stale_plugin_config_entries?: readonly StaleEntry[]
  readonly resolved_tunnel_client_binary: string
  readonly resolved_tunnel_client_source: 'current_process'
  readonly binary_version: string
  readonly state_root: string
  readonly profile_dir?: string
  readonly profile_dir_error?: string
  readonly current_health_url?: string
  readonly health_probe?: HealthProbe
  readonly runtime_status?: StatusReport
  readonly runtime_status_error?: string
  readonly codex_bridge: CodexStatus
}

/** Gathers the report. Never throws. */
export async function codexDiagnose(input: DiagnoseInput): Promise<CodexDiagnosis> {
  const home = resolveCodexHome(input)
  const [detection, bridge, runtime, probe] = await Promise.all([
    detectPlugin(home),
    codexStatus(input),
    runtimePart(input),
    input.healthUrl ? input.probe(input.healthUrl) : undefined,
  ])
  const {plugin} = detection
  const root = input.pluginRoot?.trim() || undefined
  const hintPath = plugin.binary_hint_path ?? join(root ?? plugin.dir, BINARY_HINT)
  const healthUrl = input.healthUrl || stringOf(runtime.runtime_status?.health_url)
  return {
    loaded_plugin_source: root ?? plugin.dir,
    codex_home: home.path,
    config_path: home.configFile,
    ...(detection.enabledKeys.length === 0 ? {} : {enabled_plugin_config_keys: detection.enabledKeys}),
    cache_path: plugin.dir,
    plugin_key: plugin.key,
    plugin_marketplace: plugin.marketplace,
    plugin_version: plugin.version,
    plugin_installed: plugin.installed,
    ...(plugin.binary_hint ? {plugin_binary_hint: plugin.binary_hint} : {}),
    plugin_binary_hint_path: hintPath,
    plugin_binary_hint_found: detection.hintFound,
    ...(detection.stale.length === 0 ? {} : {stale_plugin_config_entries: detection.stale}),
    resolved_tunnel_client_binary: input.runJs,
    resolved_tunnel_client_source: 'current_process',
    binary_version: input.version,
    state_root: resolveStateRoot(input).path,
    ...profilePart(input),
    ...(healthUrl === '' ? {} : {current_health_url: healthUrl}),
    ...(probe === undefined ? {} : {health_probe: probe}),
    ...runtime,
    codex_bridge: bridge,
  }
}

async function runtimePart(
  input: DiagnoseInput,
): Promise<Pick<CodexDiagnosis, 'runtime_status' | 'runtime_status_error'>> {
  const {alias = ''} = input
  if (alias.trim() === '') return {}
  try {
    const {report} = await withRuntimes(input, (context) => runtimeStatus({alias}, context))
    return {runtime_status: report}
  } catch (thrown) {
    return {runtime_status_error: messageOf(thrown)}
  }
}

function profilePart(input: DiagnoseInput): Pick<CodexDiagnosis, 'profile_dir' | 'profile_dir_error'> {
  try {
    return {profile_dir: profileDirOf(input)}
  } catch (thrown) {
    return {profile_dir_error: messageOf(thrown)}
  }
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '')
