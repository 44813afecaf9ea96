// What installing, removing and looking at the plugin have in common.

import {type FileLock, lockFile} from '../../../foundation/platform/index.ts'
import {type CodexHome, resolveCodexHome, resolveDataDir} from '../codex-home.ts'
import {type CodexProgram, codexProgram, findCodex} from '../program/codex-program.ts'
import {makeFolder, removeEmpty} from './folders.ts'
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
/** How often the data folder may vanish between its making and the lock in it. */
const VANISHED_AGAIN = 20

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

/**
 * Does work that no other command may do at the same time. Folders that were made for it alone are gone afterwards.
 * @throws TunnelError `TC-CODEX-WRITE`, `TC-STATE-BUSY`
 */
export async function alone<T>(context: PluginContext, work: () => Promise<T>): Promise<T> {
  const {lock, made} = await lockDataDir(context)
  try {
    return await work()
  } finally {
    await lock.release()
    await removeEmpty(made)
  }
}

async function lockDataDir({dataDir, signal}: PluginContext): Promise<{lock: FileLock; made: readonly string[]}> {
  for (let again = VANISHED_AGAIN; ; again -= 1) {
    let made: readonly string[] = []
    try {
      made = await makeFolder(dataDir)
      const lock = await lockFile({
        path: `${dataDir}/.codex-plugin.lock`,
        waitMs: LOCK_WAIT_MS,
        what: 'the Codex plugin',
        ...(signal === undefined ? {} : {signal}),
      })
      return {lock, made}
    } catch (thrown) {
      await removeEmpty(made)
      // A command that failed beside us has just removed the folder that it had made.
      const vanished = ((thrown as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
      if (!vanished || again === 0) throw thrown
    }
  }
}
