// Which copies of the plugin Codex would load, by the reference's rules: what config.toml enables and what lies in the
// cache. Reads only.

import {readdir, readFile, realpath, stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {BINARY_HINT, type CodexHome, DEFAULT_MARKETPLACE, PLUGIN_NAME, pluginKey} from './codex-home.ts'
import {readState, textOf} from './config/config-file.ts'
import {readCodexConfig} from './config/read-config.ts'
import {compareVersions} from './version-order.ts'

/** One copy, as `codex status --json` shows it. */
export interface PluginInstallation {
  readonly key: string
  readonly marketplace: string
  readonly version: string
  readonly dir: string
  readonly manifest_path: string
  readonly installed: boolean
  readonly binary_hint_path?: string
  readonly binary_hint?: string
}

/** An enabled key without a copy. */
export interface StaleEntry {
  readonly key: string
  readonly marketplace: string
  readonly reason: string
}

/** What detection tells. */
export interface Detection {
  readonly enabledKeys: readonly string[]
  readonly installations: readonly PluginInstallation[]
  readonly stale: readonly StaleEntry[]
  /** The copy that counts: the last installed one that is not `debug`, else `debug`. It may be absent. */
  readonly plugin: PluginInstallation
  readonly hintFound: boolean
  /** Why config.toml cannot be read; null when it can, or is not there. */
  readonly configProblem: string | null
}

/** Looks at a Codex home. Never throws. */
export async function detectPlugin(home: CodexHome): Promise<Detection> {
  const state = await readState(home.configFile).catch((thrown: Error) => thrown)
  const config = await readCodexConfig(state instanceof Error ? '' : textOf(state))
  const found = await Promise.all(config.enabledFrom.map((marketplace) => installationIn(home, marketplace)))
  const stale = found.filter(({installed}) => !installed).map(({key, marketplace}) => staleEntry(key, marketplace))
  const plugin = found.findLast(({installed, marketplace}) => installed && marketplace !== DEFAULT_MARKETPLACE)
  const counted = plugin ?? found.find(({installed}) => installed) ?? (await installationIn(home, DEFAULT_MARKETPLACE))
  return {
    enabledKeys: config.enabledFrom.map(pluginKey),
    installations: found,
    stale,
    plugin: counted,
    hintFound: counted.installed && counted.binary_hint !== undefined,
    configProblem: state instanceof Error ? state.message : config.problem,
  }
}

const staleEntry = (key: string, marketplace: string): StaleEntry => ({
  key,
  marketplace,
  reason: `enabled in config.toml, but the cache of marketplace ${marketplace} holds no plugin manifest`,
})

async function installationIn(home: CodexHome, marketplace: string): Promise<PluginInstallation> {
  const folder = join(home.cache, marketplace, PLUGIN_NAME)
  const names = await readdir(folder).catch(() => [])
  const versions = await Promise.all(
    names.map(async (name) => {
      const info = await stat(join(folder, name, '.codex-plugin', 'plugin.json')).catch(() => null)
      return {name, there: info?.isFile() === true, changed: (await stat(join(folder, name))).mtimeMs}
    }),
  ).catch(() => [])
  const best = versions
    .filter(({there}) => there)
    .sort((a, b) => compareVersions(a.name, b.name) || a.changed - b.changed || (a.name < b.name ? -1 : 1))
    .at(-1)
  const version = best?.name ?? 'local'
  const dir = join(folder, version)
  const hintPath = join(dir, BINARY_HINT)
  const hint = best === undefined ? null : await readHint(hintPath)
  return {
    key: pluginKey(marketplace),
    marketplace,
    version,
    dir,
    manifest_path: join(dir, '.codex-plugin', 'plugin.json'),
    installed: best !== undefined,
    ...(best === undefined ? {} : {binary_hint_path: hintPath}),
    ...(hint === null ? {} : {binary_hint: hint}),
  }
}

/** The program that a copy was installed by; null when there is no such file. Links are followed where possible. */
async function readHint(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const named = text.trim()
  return named === '' ? '' : realpath(resolve(named)).catch(() => resolve(named))
}
