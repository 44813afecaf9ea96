// A file whose folder takes no other one: it can only be written in place.

import {constants} from 'node:fs'
import {open} from 'node:fs/promises'
import {isTrustedOwner, NO_FOLLOW} from './trust.ts'

/**
 * Replaces the content of a regular file of this user; one that could be written only in part is emptied again. False: there
 * is none that may be written. Throws the system's error.
 */
export async function overwriteFile(path: string, data: string): Promise<boolean> {
  const flags = constants.O_WRONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0)
  const file = await open(path, flags).catch(() => null)
  if (file === null) return false
  try {
    const found = await file.stat()
    if (!found.isFile() || !isTrustedOwner(found.uid)) return false
    try {
      await file.truncate(0)
      await file.writeFile(data)
    } catch (thrown) {
      await file.truncate(0).catch(() => {})
      throw thrown
    }
    return true
  } finally {
    await file.close()
  }
}
