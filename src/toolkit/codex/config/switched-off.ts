// What a config.toml switches off that the plugin needs. Codex then lists nothing and names no reason.

import {PLUGIN_NAME, pluginKey, SERVER_NAME} from '../codex-home.ts'
import {parseToml, type TomlTable} from './read-config.ts'

/** One switch. */
export interface SwitchedOff {
  /** `plugins`: all plugins of this Codex. `server`: only the server of our plugin. */
  readonly what: 'plugins' | 'server'
  /** As TOML writes it on one line. */
  readonly setting: string
  /** Line of the file, from 1. */
  readonly line: number
}

/** Finds the switches; none when the text is no valid TOML. */
export async function switchedOff(text: string, marketplace: string): Promise<SwitchedOff[]> {
  const key = pluginKey(marketplace)
  const switches = [
    {what: 'plugins', path: ['features', 'plugins'], setting: 'features.plugins = false'},
    {
      what: 'server',
      path: ['plugins', key, 'mcp_servers', SERVER_NAME, 'enabled'],
      setting: `plugins."${key}".mcp_servers.${SERVER_NAME}.enabled = false`,
    },
  ] as const
  const root = await parsed(text)
  const off = switches.filter(({path}) => root !== null && valueAt(root, path) === false)
  return await Promise.all(off.map(async ({what, path, setting}) => ({what, setting, line: await lineOf(text, path)})))
}

/** One sentence about a switch, with its place. */
export const switchProblem = ({what, setting, line}: SwitchedOff, file: string): string =>
  what === 'plugins'
    ? `Codex has plugins switched off: ${setting} (${file} line ${line})`
    : `Codex has the server of ${PLUGIN_NAME} switched off: ${setting} (${file} line ${line})`

/** What switches it on again. By hand: `codex features enable` breaks a file whose inline table has a comment before it. */
export const switchAdvice = ({line}: SwitchedOff, file: string): string =>
  `Change false to true in line ${line} of ${file}`

/** The first line after which the value is there. Text up to a line inside a value does not parse and cannot be it. */
async function lineOf(text: string, path: readonly string[]): Promise<number> {
  const lines = text.split('\n')
  const name = path.at(-1)!
  for (let at = 0; at < lines.length; at += 1) {
    if (!lines[at]!.includes(name)) continue
    const root = await parsed(lines.slice(0, at + 1).join('\n'))
    if (root !== null && valueAt(root, path) === false) return at + 1
  }
  return lines.length
}

const parsed = (text: string): Promise<TomlTable | null> => parseToml(text).catch(() => null)

function valueAt(root: TomlTable, path: readonly string[]): unknown {
  let here: unknown = root
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string, unknown>)[key]
  }
  return here
}
