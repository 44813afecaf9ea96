// `codex plugin status`: would the installed plugin start, and as this program. Paths go stale when Node or this package
// moves, and a Codex that cannot start a server says so to nobody.

import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pluginKey} from '../codex-home.ts'
import {isSame, readState, textOf} from '../config/config-file.ts'
import {readCodexConfig} from '../config/read-config.ts'
import {detectPlugin} from '../detect.ts'
import {type PluginProgram, SERVER_NAME} from './bundle.ts'
import {type PluginTarget, pluginContext} from './context.ts'
import {exists} from './folders.ts'
import {isOurs} from './marketplace.ts'

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
  /** What Codex starts. */
  readonly command?: readonly string[]
  readonly env_vars?: readonly string[]
  /** Whether config.toml is, byte for byte, what the install left. */
  readonly config_untouched: boolean | null
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[]
  /** A command that puts it right. */
  readonly next?: string
}

/** Looks; changes nothing. @throws TunnelError `TC-CLI-USAGE` for a bad marketplace name. */
export async function pluginStatus(target: PluginTarget & {readonly program: PluginProgram}): Promise<PluginStatus> {
  const named = pluginContext(target)
  const detection = await detectPlugin(named.home)
  const marketplace = target.marketplace === undefined ? detection.plugin.marketplace : named.marketplace
  const context = pluginContext({...target, marketplace})
  const {home, records, source} = context
  const record = await records.read(home, marketplace)
  const state = await readState(home.configFile)
  const config = await readCodexConfig(textOf(state))
  const plugin =
    detection.installations.find((found) => found.marketplace === marketplace) ??
    (detection.plugin.marketplace === marketplace ? detection.plugin : null)
  const problems: string[] = []
  if (config.problem !== null) problems.push(`${home.configFile} is no valid TOML: ${config.problem}`)
  const enabled = config.enabledFrom.includes(marketplace)
  const there = plugin?.installed === true
  const about = {
    plugin_key: pluginKey(marketplace),
    marketplace,
    codex_home: home.path,
    config_path: home.configFile,
    layout: record?.installed?.layout ?? null,
    plugin_dir: plugin?.dir ?? context.installed,
    config_untouched: record?.installed ? isSame(state, record.installed.left) : null,
  }
  const again = installAgain(target)
  if (record?.underWay) {
    problems.push('an install was cut off before it was done; the next install or uninstall takes it back first')
    return {...about, state: 'interrupted', problems, next: again}
  }
  if (!there && !enabled) return {...about, state: 'not installed', problems, next: again}
  if (!there) problems.push(`${about.plugin_key} is enabled, but ${about.plugin_dir} holds no plugin`)
  if (there && !enabled) problems.push(`${about.plugin_key} lies in the cache, but config.toml does not enable it`)
  const configured = config.marketplaces.find(({name}) => name === marketplace)
  if (configured !== undefined && (await isOurs(configured, source)) && !(await exists(configured.source))) {
    problems.push(`the folder of the marketplace is gone: ${configured.source}; codex plugin list fails without it`)
  }
  const server = there ? await readServer(plugin.dir) : null
  if (there) problems.push(...(await serverProblems(server, target.program)))
  const version = there ? await versionIn(plugin.dir) : undefined
  if (version !== undefined && version !== target.program.version) {
    problems.push(`the plugin is of version ${version}, this is ${target.program.version}`)
  }
  return {
    ...about,
    state: problems.length === 0 ? 'installed' : 'stale',
    ...(version === undefined ? {} : {plugin_version: version}),
    ...(server === null ? {} : {command: server.command, env_vars: server.envVars}),
    problems,
    ...(problems.length === 0 ? {} : {next: again}),
  }
}

interface Server {
  readonly command: readonly string[]
  readonly envVars: readonly string[]
}

async function readServer(folder: string): Promise<Server | null> {
  try {
    const document = JSON.parse(await readFile(join(folder, '.mcp.json'), 'utf8'))
    const server = document.mcpServers[SERVER_NAME]
    return {command: [server.command, ...(server.args ?? [])].map(String), envVars: server.env_vars ?? []}
  } catch {
    return null
  }
}

async function serverProblems(server: Server | null, program: PluginProgram): Promise<string[]> {
  if (server === null) return [`its .mcp.json cannot be read: Codex starts no server`]
  const [node = '', runJs = ''] = server.command
  if (!node.startsWith('/') && !/^[A-Za-z]:/.test(node))
    return [`it was not installed by this program: it starts ${node}`]
  const problems: string[] = []
  if (!(await exists(node))) problems.push(`its Node is gone: ${node}`)
  if (!(await exists(runJs))) problems.push(`the program that it starts is gone: ${runJs}`)
  else if (runJs !== program.runJs) problems.push(`it starts another tunnel-client: ${runJs}`)
  return problems
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    const version = JSON.parse(await readFile(join(folder, '.codex-plugin', 'plugin.json'), 'utf8')).version
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

function installAgain({codexHome, marketplace}: PluginTarget): string {
  const flags = [
    ...(codexHome ? ['--codex-home', codexHome] : []),
    ...(marketplace && marketplace !== 'debug' ? ['--marketplace', marketplace] : []),
  ]
  return ['tunnel-client codex plugin install', ...flags].join(' ')
}
