// What Codex's config.toml says about plugins, read as TOML: headers with comments, inner blanks, CRLF, inline tables and
// dotted keys mean to us what they mean to Codex.

import {PLUGIN_NAME, SERVER_NAME} from '../codex-home.ts'

/** A marketplace that the file configures. */
export interface ConfiguredMarketplace {
  readonly name: string
  /** `local` or `git`. */
  readonly sourceType: string
  /** A folder or a URL. */
  readonly source: string
}

/** What concerns us in the file. */
export interface CodexConfig {
  /** Why it is no valid TOML, with the line; null when it is. Everything else is empty then. */
  readonly problem: string | null
  /** Marketplaces that our plugin is enabled from, in the file's order. */
  readonly enabledFrom: readonly string[]
  /** Those that have a table for our plugin, enabled or not. */
  readonly mentionedFrom: readonly string[]
  readonly marketplaces: readonly ConfiguredMarketplace[]
  /** True when the user configured an MCP server of our name: Codex starts that one instead of the plugin's. */
  readonly ownServer: boolean
}

/** A parsed TOML document. */
export type TomlTable = Readonly<Record<string, unknown>>

/** Parses TOML. The library is loaded on first use. @throws an Error whose message names line and column. */
export async function parseToml(text: string): Promise<TomlTable> {
  const {parse} = await import('smol-toml')
  return parse(text)
}

/** Reads the text of a config.toml; never throws. */
export async function readCodexConfig(text: string): Promise<CodexConfig> {
  let root: TomlTable
  try {
    root = await parseToml(text)
  } catch (thrown) {
    const [first = ''] = String((thrown as Error).message).split('\n')
    const line = (thrown as {line?: unknown}).line
    const problem = typeof line === 'number' ? `line ${line}: ${first}` : first
    return {problem, enabledFrom: [], mentionedFrom: [], marketplaces: [], ownServer: false}
  }
  const plugins = entries(root.plugins).filter(([key]) => key.startsWith(`${PLUGIN_NAME}@`))
  const from = (key: string): string => key.slice(PLUGIN_NAME.length + 1)
  return {
    problem: null,
    enabledFrom: plugins.filter(([, plugin]) => plugin.enabled === true).map(([key]) => from(key)),
    mentionedFrom: plugins.map(([key]) => from(key)),
    marketplaces: entries(root.marketplaces).map(([name, given]) => ({
      name,
      sourceType: String(given.source_type ?? ''),
      source: String(given.source ?? ''),
    })),
    ownServer: entries(root.mcp_servers).some(([name]) => name === SERVER_NAME),
  }
}

function entries(table: unknown): [string, TomlTable][] {
  if (typeof table !== 'object' || table === null) return []
  return Object.entries(table).filter((entry): entry is [string, TomlTable] => typeof entry[1] === 'object')
}
