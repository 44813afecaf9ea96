// The marketplace that our plugin comes from: its name, its folder, and whether the name is free.

import {readFile} from 'node:fs/promises'
import {basename, join, resolve, sep} from 'node:path'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {type CodexHome, DEFAULT_MARKETPLACE, PLUGIN_NAME} from '../codex-home.ts'
import type {ConfiguredMarketplace} from '../config/read-config.ts'
import {exists} from './folders.ts'

/** The file that makes a folder a marketplace. */
const MANIFEST = '.agents/plugins/marketplace.json'

/** Marks a marketplace folder as written by us. */
export const MARKETPLACE_MARK = '.tunnel-client-marketplace'

/** A name that the reference and Codex both take. @throws TunnelError `TC-CLI-USAGE` */
export function validateMarketplace(name: string | undefined): string {
  if (name === undefined) return DEFAULT_MARKETPLACE
  if (/^[A-Za-z0-9._][A-Za-z0-9._-]{0,127}$/.test(name) && name !== '.' && name !== '..') return name
  throw new TunnelError('TC-CLI-USAGE', `marketplace name ${JSON.stringify(name)} cannot be used`, {
    next: ['Use letters, digits, dots, underscores and hyphens; do not begin with a hyphen'],
    origin: 'flag --marketplace',
  })
}

/** Folder that Codex reads our marketplace from. */
export const marketplaceFolder = (dataDir: string, name: string): string => join(dataDir, 'codex-marketplace', name)

/** The file that makes a folder a marketplace. Path inside it, and its text. */
export function marketplaceManifest(name: string): {readonly path: string; readonly text: string} {
  const manifest = {
    name,
    interface: {displayName: 'Tunnel'},
    plugins: [
      {
        name: PLUGIN_NAME,
        source: {source: 'local', path: `./plugins/${PLUGIN_NAME}`},
        policy: {installation: 'AVAILABLE', authentication: 'ON_INSTALL'},
        category: 'Developer Tools',
      },
    ],
  }
  return {path: MANIFEST, text: `${JSON.stringify(manifest, null, 2)}\n`}
}

/**
 * True when a configured marketplace of this name is one that we wrote, here or below another data folder (XDG_DATA_HOME
 * or HOME changed). A folder that is gone holds no mark any more; its path tells.
 */
export async function isOurs(
  {sourceType, source}: Pick<ConfiguredMarketplace, 'sourceType' | 'source'>,
  folder: string,
): Promise<boolean> {
  if (sourceType !== 'local') return false
  const path = resolve(source)
  if (path === folder || (await exists(join(path, MARKETPLACE_MARK)))) return true
  return path.endsWith(marketplaceFolder(`${sep}tunnel-client`, basename(folder))) && !(await exists(path))
}

/** True when Codex finds a marketplace in the folder. Without one, every `codex plugin` command fails. */
export const hasManifest = (source: string): Promise<boolean> => exists(join(source, MANIFEST))

/** What to say of a name that belongs to somebody else; Codex itself would replace it without a word. */
export function takenBy(name: string, owner: string): TunnelError {
  return new TunnelError(
    'TC-CODEX-MARKETPLACE-TAKEN',
    `the marketplace ${JSON.stringify(name)} of this Codex comes from ${owner}; installing would replace it`,
  )
}

/** The marketplace that Codex finds by itself below a home, when it has this name; null otherwise. */
export async function foundInHome(home: string | undefined, name: string): Promise<string | null> {
  if (!home) return null
  const path = join(home, '.agents', 'plugins', 'marketplace.json')
  const text = await readFile(path, 'utf8').catch(() => '')
  try {
    return (JSON.parse(text) as {name?: unknown} | null)?.name === name ? path : null
  } catch {
    return null
  }
}

/** The names and folders that `codex plugin marketplace list --json` printed. */
export function listedMarketplaces(answer: unknown): readonly {readonly name: string; readonly root: string}[] {
  const list = (answer as {marketplaces?: unknown} | null)?.marketplaces
  if (!Array.isArray(list)) return []
  return list.flatMap((item: {name?: unknown; root?: unknown} | null) =>
    typeof item?.name === 'string' ? [{name: item.name, root: String(item.root ?? '')}] : [],
  )
}

/** Where Codex keeps its copies of our plugin from a marketplace, one folder for each version. */
export const installedFolder = (home: CodexHome, marketplace: string): string =>
  join(home.cache, marketplace, PLUGIN_NAME)
