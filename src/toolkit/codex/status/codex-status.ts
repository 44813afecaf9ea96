// `codex status`: is Codex here, does it know the plugin, would it work. Changes neither config.toml nor trust, plugins or
// login, and makes no home where there is none.

import {join} from 'node:path'
import {type BridgeBudget, lookInside} from '../bridge/look-inside.ts'
import type {BridgeSnapshot} from '../bridge/snapshot.ts'
import {BINARY_HINT, resolveCodexHome} from '../codex-home.ts'
import {type Detection, detectPlugin, type PluginInstallation, type StaleEntry} from '../detect.ts'
import {exists} from '../plugin/folders.ts'
import {type PluginStatus, pluginStatus} from '../plugin/plugin-status.ts'
import {findCodex, lookAtCodex} from '../program/codex-program.ts'
import {CODEX_DOCS_URL, INSTALL_METHODS, preferredMethod} from '../program/install-methods.ts'

/** What looking takes. */
export interface StatusInput {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Path of this program, without links. */
  readonly runJs: string
  readonly version: string
  /** How long the app-server may take; the reference's 15 and 5 seconds by default. */
  readonly budget?: BridgeBudget
}

/** The reference's report; optional keys are left out when they are empty. */
export interface CodexStatus {
  readonly state: 'missing' | 'unsupported' | 'error' | 'logged_out' | 'bridge_ready' | 'ready'
  readonly docs_url: string
  readonly detected: boolean
  readonly path?: string
  readonly version?: string
  readonly app_server_supported: boolean
  readonly app_server_support_error?: string
  readonly plugin_installed: boolean
  readonly plugin_key?: string
  readonly plugin_marketplace?: string
  readonly plugin_version?: string
  readonly plugin_dir?: string
  readonly plugin_binary_hint?: string
  readonly plugin_binary_hint_path?: string
  readonly plugin_binary_hint_found: boolean
  readonly current_tunnel_client_path?: string
  readonly plugin_matches_current_binary?: boolean
  readonly plugin_reinstall_command?: string
  readonly enabled_plugin_config_keys?: readonly string[]
  readonly plugin_installations?: readonly PluginInstallation[]
  readonly stale_plugin_config_entries?: readonly StaleEntry[]
  /** The verdict of `codex plugin status`. Ours, as the next three. */
  readonly plugin_state?: PluginStatus['state']
  readonly plugin_problems?: readonly string[]
  readonly plugin_next?: string
  /** Why config.toml cannot be read. */
  readonly config_error?: string
  readonly preferred_install_method: string
  readonly recommended_install_command: string
  readonly recommended_upgrade_command: string
  readonly recommended_uninstall_command: string
  readonly fallback_install_commands: readonly string[]
  readonly bridge_ready: boolean
  readonly bridge_error?: string
  readonly assistant_state?: string
  readonly assistant_error?: string
  readonly snapshot?: BridgeSnapshot
}

/** Looks at Codex. Never throws: whatever is wrong is the answer. */
export async function codexStatus(input: StatusInput): Promise<CodexStatus> {
  const {env, cwd, runJs} = input
  const home = resolveCodexHome({env, cwd})
  const program = {node: process.execPath, runJs, version: input.version}
  const [detection, verdict, preferred, path] = await Promise.all([
    detectPlugin(home),
    pluginStatus({env, cwd, program}).catch((thrown: Error) => thrown),
    preferredMethod({env, cwd, platform: process.platform}),
    findCodex(env, cwd),
  ])
  const codex = path === null ? MISSING : {detected: true, path, ...(await lookInto(path, home.path, input))}
  return {
    ...codex,
    docs_url: CODEX_DOCS_URL,
    ...pluginPart(detection, runJs),
    ...verdictPart(verdict),
    preferred_install_method: preferred.name,
    recommended_install_command: preferred.install_command,
    recommended_upgrade_command: preferred.upgrade_command,
    recommended_uninstall_command: preferred.uninstall_command,
    fallback_install_commands: INSTALL_METHODS.filter((method) => method !== preferred).map(
      ({install_command}) => install_command,
    ),
  }
}

type BridgePart = Pick<
  CodexStatus,
  | 'state'
  | 'version'
  | 'app_server_supported'
  | 'app_server_support_error'
  | 'bridge_ready'
  | 'bridge_error'
  | 'assistant_state'
  | 'assistant_error'
  | 'snapshot'
>

const MISSING = {state: 'missing', detected: false, app_server_supported: false, bridge_ready: false} as const

async function lookInto(path: string, home: string, {env, cwd, version, budget}: StatusInput): Promise<BridgePart> {
  const look = await lookAtCodex(path, env, cwd)
  const known = look.version === '' ? {} : {version: look.version}
  if (look.appServerProblem !== null) {
    return {
      ...known,
      state: 'unsupported',
      app_server_supported: false,
      app_server_support_error: look.appServerProblem,
      bridge_ready: false,
    }
  }
  if (!(await exists(home))) {
    return {
      ...known,
      state: 'logged_out',
      app_server_supported: true,
      bridge_ready: false,
      bridge_error: `not started: ${home} does not exist, and the app-server would make it`,
      assistant_state: 'logged_out',
    }
  }
  const inside = await lookInside({env, cwd, version, ...(budget === undefined ? {} : {budget})})
  return {
    ...known,
    state: inside.state,
    app_server_supported: true,
    bridge_ready: inside.snapshot?.ready ?? false,
    ...(inside.bridgeError === null ? {} : {bridge_error: inside.bridgeError}),
    ...(inside.state === 'error' ? {} : {assistant_state: ASSISTANT[inside.state]}),
    ...(inside.assistantError === null ? {} : {assistant_error: inside.assistantError}),
    ...(inside.snapshot === null ? {} : {snapshot: inside.snapshot}),
  }
}

const ASSISTANT = {logged_out: 'logged_out', bridge_ready: 'unavailable', ready: 'ready'} as const

function verdictPart(verdict: PluginStatus | Error): Pick<CodexStatus, VerdictKeys> {
  if (verdict instanceof Error) return {plugin_problems: [verdict.message]}
  const {state, problems, next} = verdict
  return {
    plugin_state: state,
    ...(problems.length === 0 ? {} : {plugin_problems: problems}),
    ...(problems.length === 0 || next === undefined ? {} : {plugin_next: next}),
  }
}

type VerdictKeys = 'plugin_state' | 'plugin_problems' | 'plugin_next'

type PluginPart = Omit<CodexStatus, keyof BridgePart | VerdictKeys | 'docs_url' | 'detected' | 'path'>

function pluginPart(detection: Detection, runJs: string): Pick<PluginPart, PluginKeys> {
  const {plugin, enabledKeys, installations, stale, hintFound, configProblem} = detection
  const hint = plugin.binary_hint || undefined
  return {
    plugin_installed: plugin.installed,
    plugin_key: plugin.key,
    plugin_marketplace: plugin.marketplace,
    plugin_version: plugin.version,
    plugin_dir: plugin.dir,
    ...(hint === undefined ? {} : {plugin_binary_hint: hint}),
    plugin_binary_hint_path: join(plugin.dir, BINARY_HINT),
    plugin_binary_hint_found: hintFound,
    current_tunnel_client_path: runJs,
    ...(hint === undefined ? {} : {plugin_matches_current_binary: hint === runJs}),
    ...(hint === undefined || hint === runJs ? {} : {plugin_reinstall_command: 'tunnel-client codex plugin install'}),
    ...(enabledKeys.length === 0 ? {} : {enabled_plugin_config_keys: enabledKeys}),
    ...(installations.length === 0 ? {} : {plugin_installations: installations}),
    ...(stale.length === 0 ? {} : {stale_plugin_config_entries: stale}),
    ...(configProblem === null ? {} : {config_error: configProblem}),
  }
}

type PluginKeys =
  | Exclude<keyof PluginPart, `${string}_install_method` | `${string}_command` | `${string}_commands`>
  | 'plugin_reinstall_command'
