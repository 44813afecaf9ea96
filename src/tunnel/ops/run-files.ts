// Files that tell other programs about this run: written whole, never through a link, and removed at the end, but only while
// they hold what this daemon wrote (a second daemon may have been pointed at the same path).

import {lstat, readFile, rm, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {isTunnelError, messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {makeFolders, overwriteFile, writeFileAtomic} from '../../foundation/platform/index.ts'

/** A written file. */
export interface RunFile {
  readonly path: string
  /** Removes it if it still holds what was written. Missing is fine. */
  remove(): Promise<void>
}

/**
 * The health URL file: 0600, complete from its first moment (readers look once, without retry), no newline at the end.
 * Rejects with the reference's texts.
 */
export async function writeUrlFile(path: string, url: string): Promise<RunFile> {
  await makeFolder(path)
  return await writeWhole(path, url).catch((thrown) => {
    throw refused(`write health URL file ${path}`, thrown)
  })
}

/** The operator token of this run beside the URL file: `<url-file>.token`, 0600, no newline. May be the first of the two. */
export async function writeTokenFile(urlFile: string, token: string): Promise<RunFile> {
  await makeFolder(urlFile)
  const path = `${urlFile}.token`
  return await writeWhole(path, token).catch((thrown) => {
    throw refused(`write operator token file ${path}`, thrown)
  })
}

/**
 * The PID file: decimal, newline, 0644; its folder has to exist. Replaced whole, or written in place where this user may
 * write the file but no other into its folder (`/run`), and where the path is a device.
 */
export async function writePidFile(path: string, pid: number): Promise<RunFile> {
  const content = `${pid}\n`
  const found = await lstat(path).catch(() => null)
  try {
    if (found?.isCharacterDevice()) await writeFile(path, content, {flag: 'a'})
    else await writePid(path, content)
  } catch (thrown) {
    throw refused(`write pid file ${path}`, thrown)
  }
  return runFile(path, content)
}

async function writePid(path: string, content: string): Promise<void> {
  try {
    await writeFileAtomic({path, data: content, mode: 0o644})
  } catch (thrown) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
    if (!(await overwriteFile(path, content))) throw thrown
  }
}

/** The folder of the URL file, 0755, with all that is missing above it. */
async function makeFolder(urlFile: string): Promise<void> {
  const dir = dirname(urlFile)
  await makeFolders(dir, 0o755).catch((thrown) => {
    throw refused(`create health URL file dir ${dir}`, thrown)
  })
}

async function writeWhole(path: string, content: string): Promise<RunFile> {
  await writeFileAtomic({path, data: content, mode: 0o600})
  return runFile(path, content)
}

const runFile = (path: string, content: string): RunFile => ({
  path,
  remove: async () => {
    if (!(await lstat(path).catch(() => null))?.isFile()) return
    const found = await readFile(path, 'utf8').catch(() => null)
    // A file that can be overwritten but not removed stays.
    if (found === content) await rm(path, {force: true}).catch(() => {})
  },
})

const refused = (what: string, cause: unknown): TunnelError =>
  new TunnelError('TC-DAEMON-START', `${what}: ${messageOf(cause)}`, {
    next: isTunnelError(cause)
      ? cause.next
      : [isFull(cause) ? 'Make room on that file system' : 'Choose a path in a folder that this user may write to'],
    cause,
  })

const isFull = (cause: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '')
