// Where Codex keeps its things. The reference's rules, so that both programs look at the same folder.

import {homedir} from 'node:os'
import {join, resolve} from 'node:path'
import {homePath} from '../../foundation/config/index.ts'

/** What finding a home takes. */
export interface HomeInput {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where relative paths begin. */
  readonly cwd: string
  /** `--codex-home`; stands above the variables. */
  readonly codexHome?: string | undefined
}

/** The folder and what lies in it. Every path is absolute. */
export interface CodexHome {
  readonly path: string
  readonly configFile: string
  /** Installed copies of plugins: `<cache>/<marketplace>/<plugin>/<version>`. */
  readonly cache: string
}

/** Name of our plugin, in every marketplace. */
export const PLUGIN_NAME = 'tunnel-mcp'

/** Name of the MCP server in the plugin's `.mcp.json`. */
export const SERVER_NAME = 'tunnelMcp'

/** Marketplace that is used unless told otherwise. */
export const DEFAULT_MARKETPLACE = 'debug'

/** File of an installed copy that names the program it was installed by. */
export const BINARY_HINT = '.tunnel-client-bin'

/** `--codex-home`, CODEX_HOME, `$HOME/.codex`, the system's home, the working directory. `~/` is expanded. Makes nothing. */
export function resolveCodexHome({env, cwd, codexHome}: HomeInput): CodexHome {
  const given = homePath(codexHome?.trim() || env.CODEX_HOME?.trim() || '', env)
  const path = resolve(cwd, given === '' ? join(env.HOME?.trim() || systemHome(), '.codex') : given)
  return {path, configFile: join(path, 'config.toml'), cache: join(path, 'plugins', 'cache')}
}

/** Our own data folder: `$XDG_DATA_HOME/tunnel-client`, else below the home. Absolute. */
export function resolveDataDir({env, cwd}: Pick<HomeInput, 'env' | 'cwd'>): string {
  const xdg = env.XDG_DATA_HOME?.trim() ?? ''
  if (xdg !== '') return resolve(cwd, homePath(xdg, env), 'tunnel-client')
  if (process.platform === 'win32' && env.LOCALAPPDATA) return resolve(cwd, env.LOCALAPPDATA, 'tunnel-client')
  return resolve(cwd, env.HOME?.trim() || systemHome(), '.local', 'share', 'tunnel-client')
}

/** The key of our plugin in Codex's configuration. */
export const pluginKey = (marketplace: string): string => `${PLUGIN_NAME}@${marketplace}`

function systemHome(): string {
  try {
    return homedir()
  } catch {
    return '.'
  }
}
