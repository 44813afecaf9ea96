// Opening a log file, at the start and after a rotation: a path in a folder that others may write to must not lead to a file
// that another user chose.

import {constants, type WriteStream} from 'node:fs'
import {type FileHandle, open, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {checkFoldersAbove, checkOwner, isTrustedOwner, kindOf, linkRefused, NO_FOLLOW, unsafe} from '../files/trust.ts'

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT

/** The stream behind `/dev/stdout` and its like, which the system shows as links; null for any other path. */
export function standardStream(path: string): NodeJS.WriteStream | null {
  if (/^(?:\/dev\/stdout|\/(?:dev|proc\/self)\/fd\/1)$/.test(path)) return process.stdout
  return /^(?:\/dev\/stderr|\/(?:dev|proc\/self)\/fd\/2)$/.test(path) ? process.stderr : null
}

/**
 * Opens a file to append to, created 0600. Devices, and a FIFO that something reads, are files like others.
 * @throws TunnelError `TC-FILE-UNSAFE` for a link, a file of another user, or a FIFO that nothing reads; else the system's
 * error.
 */
export async function openLogFile(path: string): Promise<WriteStream> {
  await checkFoldersAbove(path)
  // Another open descriptor of this process is a link, too; it leads nowhere else.
  const flags = APPEND | (/^\/(?:dev|proc\/self)\/fd\/\d+$/.test(path) ? 0 : NO_FOLLOW)
  // Without waiting for the reader of a FIFO.
  const first = await open(path, flags | (constants.O_NONBLOCK ?? 0), 0o600).catch(async (thrown) => {
    throw await refusalOf(path, thrown as NodeJS.ErrnoException)
  })
  const file = (await first.stat()).isFIFO() ? await reopened(first, path, flags) : first
  try {
    await checkLogOwner(path, file)
  } catch (thrown) {
    await file.close()
    throw thrown
  }
  return file.createWriteStream()
}

async function reopened(file: FileHandle, path: string, flags: number): Promise<FileHandle> {
  // Opened before the other one is closed: the reader sees no end.
  return await open(path, flags, 0o600).finally(() => file.close())
}

async function refusalOf(path: string, thrown: NodeJS.ErrnoException): Promise<Error> {
  if (thrown.code === 'ELOOP') return await linkRefused(path)
  if (thrown.code !== 'ENXIO') return thrown
  const found = await stat(path).catch(() => null)
  const what = found === null ? 'not a regular file' : `${kindOf(found)} that nothing reads`
  return unsafe(`${path} is ${what}`, 'Start its reader first, or choose another path')
}

/** A folder of another user (a volume of a container) may hold that user's log: its owner can replace it anyway. */
async function checkLogOwner(path: string, file: FileHandle): Promise<void> {
  const found = await file.stat()
  if (!found.isFile() || isTrustedOwner(found.uid)) return
  const folder = await stat(dirname(path))
  if (folder.uid !== found.uid) checkOwner(path, found)
}
