// Files that tell other programs about this run: written whole, removed at the end, but only while they are still ours
// (a second daemon may have been pointed at the same path).

import {open, readFile, rm} from 'node:fs/promises'
import {dirname} from 'node:path'
import {messageOf, TunnelError} from '../../foundation/errors/index.ts'
import {makeFolders, writeFileAtomic} from '../../foundation/platform/index.ts'

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

/** The PID file: decimal, newline, 0644, overwritten in place; its folder has to exist. */
export async function writePidFile(path: string, pid: number): Promise<RunFile> {
  const content = `${pid}\n`
  try {
    const file = await open(path, 'w', 0o644)
    try {
      await file.writeFile(content)
    } catch (thrown) {
      // A full disk: half of a number, or nothing, would be read as somebody's. What is no file (a device) stays.
      if ((await file.stat()).isFile()) await rm(path, {force: true})
      throw thrown
    } finally {
      await file.close()
    }
  } catch (thrown) {
    throw refused(`write pid file ${path}`, thrown)
  }
  return runFile(path, content)
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
    const found = await readFile(path, 'utf8').catch(() => null)
    if (found === content) await rm(path, {force: true})
  },
})

const refused = (what: string, cause: unknown): TunnelError =>
  new TunnelError('TC-DAEMON-START', `${what}: ${messageOf(cause)}`, {
    next: [isFull(cause) ? 'Make room on that file system' : 'Choose a path in a folder that this user may write to'],
    cause,
  })

const isFull = (cause: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '')
