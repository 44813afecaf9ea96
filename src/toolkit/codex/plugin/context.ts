// What installing, removing and looking at the plugin have in common.

import {lockFile} from '../../../foundation/platform/index.ts'
import {type CodexHome, resolveCodexHome, resolveDataDir} from '../codex-home.ts'
import {type CodexProgram, codexProgram, findCodex} from '../program/codex-program.ts'
import {makeFolder} from './folders.ts'
import {installedFolder, marketplaceFolder, validateMarketplace} from './marketplace.ts'
import {openRecords, type Records} from './record.ts'

/** Which Codex, which marketplace. */
export interface PluginTarget {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** `--codex-home` */
  readonly codexHome?: string | undefined
  /** `--marketplace` */
  readonly marketplace?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** A target with everything found. */
export interface PluginContext extends PluginTarget {
  readonly home: CodexHome
  readonly marketplace: string
  readonly dataDir: string
  readonly records: Records
  /** Folder of our marketplace. */
  readonly source: string
  /** Folder of Codex's copies of our plugin, one for each version. */
  readonly installed: string
}

const LOCK_WAIT_MS = 30_000

/** Finds everything; changes nothing. @throws TunnelError `TC-CLI-USAGE` for a bad marketplace name. */
export function pluginContext(target: PluginTarget): PluginContext {
  const marketplace = validateMarketplace(target.marketplace)
  const home = resolveCodexHome(target)
  const dataDir = resolveDataDir(target)
  return {
    ...target,
    home,
    marketplace,
    dataDir,
    records: openRecords(dataDir),
    source: marketplaceFolder(dataDir, marketplace),
    installed: installedFolder(home, marketplace),
  }
}

/** Codex for a context; null when it is not on the PATH. */
export async function codexOf({env, cwd, home, signal}: PluginContext): Promise<CodexProgram | null> {
  const path = await findCodex(env, cwd)
  return path === null ? null : codexProgram({path, home, env, cwd, signal})
}

/** Does work that no other command may do at the same time. @throws TunnelError `TC-CODEX-WRITE`, `TC-STATE-BUSY` */
export async function alone<T>({dataDir, signal}: PluginContext, work: () => Promise<T>): Promise<T> {
  await makeFolder(dataDir)
  const lock = await lockFile({
    path: `${dataDir}/.codex-plugin.lock`,
    waitMs: LOCK_WAIT_MS,
    what: 'the Codex plugin',
    ...(signal === undefined ? {} : {signal}),
  })
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
