// The state of the installed plugin: whether Codex would load it and start its server, as this program. Paths go stale when
// Node or this package moves, and Codex shows no error for a server that it cannot start. `codex plugin status`,
// `codex status` and `doctor` all show this verdict.

import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {BINARY_HINT, pluginKey, SERVER_NAME} from '../codex-home.ts'
import {isSame, readState, textOf} from '../config/config-file.ts'
import {readCodexConfig} from '../config/read-config.ts'
import {type SwitchedOff, switchAdvice, switchedOff, switchProblem} from '../config/switched-off.ts'
import {detectPlugin} from '../detect.ts'
import {readServer, serverProblems} from '../launch/installed-server.ts'
import type {PluginProgram} from './bundle.ts'
import {type PluginTarget, pluginContext} from './context.ts'
import {hasManifest, isOurs} from './marketplace.ts'

/** The verdict and what it rests on. */
export interface PluginStatus {
  /** `interrupted`: an install was cut off and not taken back. `stale`: installed, and something of it is wrong. */
  readonly state: 'installed' | 'stale' | 'interrupted' | 'not installed'
  readonly plugin_key: string
  readonly marketplace: string
  readonly codex_home: string
  readonly config_path: string
  /** Null: not installed, or by somebody else. */
  readonly layout: 'codex' | 'local' | null
  readonly plugin_dir: string
  readonly plugin_version?: string
  readonly plugin_binary_hint_path: string
  /** Node, the program and its words, as they were recorded. The launcher replaces what is gone, from PATH. */
  readonly command?: readonly string[]
  readonly env_vars?: readonly string[]
  /** Whether config.toml is, byte for byte, what the install left. */
  readonly config_untouched: boolean | null
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[]
  /** A command that fixes the first problem. */
  readonly next?: string
}

/**
 * Reads the state; changes nothing.
 * @param target.program this program; null leaves out whether the plugin starts it
 * @throws TunnelError `TC-CLI-USAGE` for a bad marketplace name, `TC-CODEX-CONFIG` when config.toml cannot be read
 */
export async function pluginStatus(
  target: PluginTarget & {readonly program: PluginProgram | null},
): Promise<PluginStatus> {
  const named = pluginContext(target)
  const detection = await detectPlugin(named.home)
  const marketplace = target.marketplace === undefined ? detection.plugin.marketplace : named.marketplace
  const context = pluginContext({...target, marketplace})
  const {home, records, source} = context
  const record = await records.read(home, marketplace)
  const state = await readState(home.configFile)
  const text = textOf(state)
  const config = await readCodexConfig(text)
  const plugin =
    detection.installations.find((found) => found.marketplace === marketplace) ??
    (detection.plugin.marketplace === marketplace ? detection.plugin : null)
  const off = await switchedOff(text, marketplace)
  const problems: string[] = off.map((one) => switchProblem(one, home.configFile))
  if (config.problem !== null) problems.push(`${home.configFile} is no valid TOML: ${config.problem}`)
  const configured = config.marketplaces.find(({name}) => name === marketplace)
  if (configured !== undefined && (await isOurs(configured, source)) && !(await hasManifest(configured.source))) {
    problems.push(`the folder of our marketplace is gone: ${configured.source}; every codex plugin command fails`)
  }
  const enabled = config.enabledFrom.includes(marketplace)
  const there = plugin?.installed === true
  const about = {
    plugin_key: pluginKey(marketplace),
    marketplace,
    codex_home: home.path,
    config_path: home.configFile,
    layout: record?.installed?.layout ?? null,
    plugin_dir: plugin?.dir ?? context.installed,
    plugin_binary_hint_path: join(plugin?.dir ?? context.installed, BINARY_HINT),
    config_untouched: record?.installed ? isSame(state, record.installed.left) : null,
  }
  const again = nextStep(off, home.configFile, target)
  if (record?.underWay) {
    problems.push('an install was interrupted; the next install or uninstall undoes it first')
    return {...about, state: 'interrupted', problems, next: again}
  }
  if (!there && !enabled) return {...about, state: 'not installed', problems, next: again}
  if (!there) problems.push(`${about.plugin_key} is enabled, but ${about.plugin_dir} holds no plugin`)
  if (there && !enabled) problems.push(`${about.plugin_key} lies in the cache, but config.toml does not enable it`)
  if (config.ownServer) problems.push(`[mcp_servers.${SERVER_NAME}] in ${home.configFile} replaces the plugin's server`)
  const server = there ? await readServer(plugin.dir) : null
  if (there) problems.push(...(await serverProblems(server, target)))
  const version = there ? await versionIn(plugin.dir) : undefined
  if (version !== undefined && target.program !== null && version !== target.program.version) {
    problems.push(`the plugin has version ${version}, this program ${target.program.version}`)
  }
  return {
    ...about,
    state: problems.length === 0 ? 'installed' : 'stale',
    ...(version === undefined ? {} : {plugin_version: version}),
    ...(server === null ? {} : {command: server.argv, env_vars: server.envVars}),
    problems,
    ...(problems.length === 0 ? {} : {next: again}),
  }
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    const version = JSON.parse(await readFile(join(folder, '.codex-plugin', 'plugin.json'), 'utf8')).version
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

/** A switch comes first: an install is refused while it is off. */
function nextStep([off]: readonly SwitchedOff[], file: string, {codexHome, marketplace}: PluginTarget): string {
  if (off !== undefined) return switchAdvice(off, file)
  const flags = [
    ...(codexHome ? ['--codex-home', codexHome] : []),
    ...(marketplace && marketplace !== 'debug' ? ['--marketplace', marketplace] : []),
  ]
  return ['tunnel-client codex plugin install', ...flags].join(' ')
}
