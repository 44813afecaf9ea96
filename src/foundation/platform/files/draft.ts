// The first half of every write: a complete file of its own beside the target, under a name that cannot be guessed.

import {randomBytes} from 'node:crypto'
import {constants} from 'node:fs'
import {type FileHandle, open, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {AtomicWrite} from '../files.ts'
import {NO_FOLLOW} from './trust.ts'

/** So much of the target's name, at most 180 bytes of UTF-8, leaves room for the rest: names end at 255 bytes. */
const NAME_CHARACTERS = 60
/** File systems without permission bits (FAT, some network shares) say one of these. */
const NO_MODES = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EINVAL']

/**
 * Writes the draft of `path` and hands it to `publish`, which renames or links it. No draft is left behind. Throws the
 * system's error, worded for `path`.
 */
export async function withDraft(
  {path, data, mode}: Pick<AtomicWrite, 'path' | 'data' | 'mode'>,
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const name = `.${basename(path).slice(0, NAME_CHARACTERS)}.${randomBytes(12).toString('hex')}.tmp`
  const draft = join(dirname(path), name)
  try {
    await writeExclusive(draft, data, mode)
    await publish(draft)
  } catch (thrown) {
    // The name of the draft says nothing to anyone.
    if (thrown instanceof Error) thrown.message = thrown.message.replaceAll(draft, path)
    throw thrown
  } finally {
    await rm(draft, {force: true})
  }
}

/**
 * Writes a file that must not exist yet, with exactly this mode whatever the umask is, and syncs it. Nothing is left of one
 * that failed after it was made. Throws the system's error; `code` is EEXIST when something has the name.
 */
export async function writeExclusive(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
  const file = await open(path, flags, mode)
  try {
    await setMode(file, mode)
    await file.writeFile(data)
    await file.sync()
    await file.close()
  } catch (thrown) {
    await file.close().catch(() => {})
    await rm(path, {force: true})
    throw thrown
  }
}

/** The umask only takes bits away, so the file is never open to more users than `mode` says. */
async function setMode(file: FileHandle, mode: number): Promise<void> {
  if (((await file.stat()).mode & 0o7777) === mode) return
  await file.chmod(mode).catch((thrown: NodeJS.ErrnoException) => {
    if (!NO_MODES.includes(thrown.code ?? '')) throw thrown
  })
}
