// A file that must not replace another one: whole or not at all.

import {link} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {AtomicWrite} from '../files.ts'
import {withDraft, writeExclusive} from './draft.ts'
import {makeFolders} from './make-folders.ts'
import {checkFoldersAbove} from './trust.ts'

/** File systems without hard links say one of these. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK']

/**
 * Writes a file that is not there yet. Throws the system's error, `code` is EEXIST when something has the name, or
 * `TC-FILE-UNSAFE` for a folder that another user's link leads to.
 */
export async function writeNewFile({path, data, mode, parentMode}: AtomicWrite): Promise<void> {
  await checkFoldersAbove(path)
  if (parentMode !== undefined) await makeFolders(dirname(path), parentMode)
  await withDraft({path, data, mode}, async (draft) => {
    // Unlike a rename, a link never replaces.
    await link(draft, path).catch(async (thrown: NodeJS.ErrnoException) => {
      if (!NO_LINKS.includes(thrown.code ?? '')) throw thrown
      await writeExclusive(path, data, mode)
    })
  })
}
