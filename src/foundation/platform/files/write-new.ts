// A file that must not replace another one: whole or not at all, and never somebody else's.

import {randomBytes} from 'node:crypto'
import {link, open, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {AtomicWrite} from '../files.ts'
import {makeFolders} from './make-folders.ts'

/** File systems without hard links say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK']

/** Writes a file that is not there yet. Throws the system's error; `code` is EEXIST when something has the name. */
export async function writeNewFile({path, data, mode, parentMode}: AtomicWrite): Promise<void> {
  if (parentMode !== undefined) await makeFolders(dirname(path), parentMode)
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeWhole(draft, data, mode)
    // Unlike a rename, a link never replaces.
    await link(draft, path)
  } catch (thrown) {
    if (!NO_LINKS.includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
    await writeWhole(path, data, mode)
  } finally {
    await rm(draft, {force: true})
  }
}

async function writeWhole(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
}
