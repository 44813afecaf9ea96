// `codex status` and `codex diagnose` for people, in the lines that scripts of the reference match.

import type {Block} from '../../../foundation/platform/index.ts'
import type {CodexDiagnosis} from '../status/codex-diagnose.ts'
import type {CodexStatus} from '../status/codex-status.ts'
import {type SectionLine, section, sections} from './sections.ts'

/** Shows a status. */
export function statusBlocks(status: CodexStatus): Block[] {
  const head = section('Codex', [
    ['State', status.state],
    ['Path', status.path],
    ['Version', status.version],
  ])
  const install: SectionLine = ['Install', status.recommended_install_command]
  const docs: SectionLine = ['Docs', status.docs_url]
  if (!status.detected) return sections([head, section('Commands', [install, docs])])
  const commands: SectionLine[] = [
    install,
    ['Upgrade', status.recommended_upgrade_command],
    ['Uninstall', status.recommended_uninstall_command],
    docs,
  ]
  return sections([
    head,
    section('Tunnel MCP plugin', pluginLines(status)),
    section('Codex app / bridge', bridgeLines(status)),
    section('Commands', commands),
  ])
}

function pluginLines(status: CodexStatus): SectionLine[] {
  return [
    ...(status.plugin_installed ? installedLines(status) : absentLines(status)),
    ['Enabled config keys', status.enabled_plugin_config_keys?.join(', ')],
    ['Config error', status.config_error],
    ...(status.plugin_problems ?? []).map((problem): SectionLine => `Problem: ${problem}`),
    ['Next', status.plugin_next],
    ...(status.stale_plugin_config_entries ?? []).map(
      ({key, reason}): SectionLine => `Stale config entry: ${key} (${reason})`,
    ),
  ]
}

const absentLines = (status: CodexStatus): SectionLine[] => [
  'Status: not installed',
  ['Expected dir', status.plugin_dir],
]

const installedLines = (status: CodexStatus): SectionLine[] => [
  'Status: installed',
  ['Key', status.plugin_key],
  ['Marketplace', status.plugin_marketplace],
  ['Version', status.plugin_version],
  ['Dir', status.plugin_dir],
  ['Binary hint', status.plugin_binary_hint],
  ['Binary hint path', status.plugin_binary_hint_path],
  status.plugin_binary_hint_found
    ? null
    : 'Binary hint file: missing; the wrapper scripts need --tunnel-client-bin or TUNNEL_CLIENT_BIN then.',
  ['Current tunnel-client', status.current_tunnel_client_path],
  ['Matches current tunnel-client', status.plugin_matches_current_binary],
  ...(status.plugin_reinstall_command === undefined
    ? []
    : [
        'The plugin keeps using the program above until it is installed again.',
        `Reinstall plugin to use this binary: ${status.plugin_reinstall_command}`,
      ]),
]

function bridgeLines(status: CodexStatus): SectionLine[] {
  const account = status.snapshot?.account
  const plan = account?.plan_type ? ` (${account.plan_type})` : ''
  return [
    status.app_server_supported
      ? 'app-server: supported'
      : `app-server: unavailable (${status.app_server_support_error ?? '-'})`,
    ['Bridge error', status.bridge_error],
    status.bridge_ready ? 'Bridge: ready' : null,
    ['Assistant readiness', status.assistant_state],
    ['Assistant error', status.assistant_error],
    account === undefined ? null : `Account: ${account.email || '-'}${plan}`,
    status.plugin_installed
      ? null
      : 'Note: Bridge and Assistant readiness reflect Codex itself, not plugin files on disk. A Codex session that runs since before an uninstall keeps the plugin until it is restarted.',
  ]
}

/** Shows a diagnosis. */
export function diagnosisBlocks(diagnosis: CodexDiagnosis): Block[] {
  const {codex_bridge: bridge, runtime_status: runtime, runtime_status_error: runtimeError} = diagnosis
  const stale = diagnosis.stale_plugin_config_entries ?? []
  const head = [
    section('Tunnel MCP diagnose', [
      ['Loaded plugin source', diagnosis.loaded_plugin_source],
      ['Config path', diagnosis.config_path],
      ['Cache path', diagnosis.cache_path],
      ['Plugin key', diagnosis.plugin_key],
      ['Plugin installed', diagnosis.plugin_installed],
      ['Binary hint', diagnosis.plugin_binary_hint],
      ['Binary hint path', diagnosis.plugin_binary_hint_path],
      ['Binary hint file found', diagnosis.plugin_binary_hint_found],
      ['Resolved tunnel-client binary', diagnosis.resolved_tunnel_client_binary],
      ['Resolved tunnel-client source', diagnosis.resolved_tunnel_client_source],
      ['Binary version', diagnosis.binary_version],
      ['State root', diagnosis.state_root],
      ['Profile dir', diagnosis.profile_dir],
      ['Profile dir error', diagnosis.profile_dir_error],
      ['Current health URL', diagnosis.current_health_url],
    ]),
    ...(diagnosis.enabled_plugin_config_keys
      ? [section('Enabled config keys', diagnosis.enabled_plugin_config_keys)]
      : []),
    ...(stale.length === 0
      ? []
      : [
          section(
            'Stale config entries',
            stale.map(({key, reason}) => `${key}: ${reason}`),
          ),
        ]),
  ].flat()
  const codex = section('Codex bridge', [
    ['State', bridge.state],
    ['app-server supported', bridge.app_server_supported],
    ['app-server error', bridge.app_server_support_error],
    ['Bridge error', bridge.bridge_error],
    ['Assistant state', bridge.assistant_state],
    ['Assistant error', bridge.assistant_error],
  ])
  if (runtime === undefined && runtimeError === undefined) return sections([head, codex])
  const about = section('Runtime', [
    ['Error', runtimeError],
    ['State', runtime?.runtime_state],
    ['Health URL', diagnosis.current_health_url],
    ['Tunnel ID', runtime?.tunnel_id],
  ])
  return sections([head, codex, about])
}
