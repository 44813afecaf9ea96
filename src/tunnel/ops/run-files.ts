// Files that tell other programs about this run: written whole, removed at the end, but only while they are still ours
// (a second daemon may have been pointed at the same path).

import {readFile, rm, writeFile} from 'node:fs/promises'
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
  await writeFile(path, content, {mode: 0o644}).catch((thrown) => {
    throw refused(`write pid file ${path}`, thrown)
  })
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
    next: ['Choose a path in a folder that this user may write to'],
    cause,
  })
