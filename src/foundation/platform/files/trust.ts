// Who owns what stands at a path, and whether it is a link. A path in a folder that others may write to can lead to a file
// that another user chose, so files are checked before they are trusted and links are not followed when writing.

import {constants, type Stats} from 'node:fs'
import {lstat, open, readlink, stat} from 'node:fs/promises'
import {dirname, parse, resolve, sep} from 'node:path'
import {TunnelError} from '../../errors/index.ts'

/** Added to the flags of every open that must not follow a link; 0 where the system has no such flag. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
/** Opening a FIFO must not wait for its other end. */
const NO_WAIT = constants.O_NONBLOCK ?? 0
/** As many links as Linux follows in one path. */
const MAX_LINKS = 40

/** A path that is not used because of what stands there. */
export const unsafe = (message: string, next: string): TunnelError =>
  new TunnelError('TC-FILE-UNSAFE', message, {next: [next]})

/** True for this user and root, and for everyone on systems without user ids. */
export function isTrustedOwner(uid: number): boolean {
  const own = process.geteuid?.()
  return own === undefined || uid === own || uid === 0
}

/**
 * Checks that a file can be written or replaced at `path` without reaching anything else: no link stands there, nothing but
 * a regular file or nothing, and no folder above it is a link of another user.
 * @throws TunnelError `TC-FILE-UNSAFE`
 */
export async function checkTarget(path: string): Promise<void> {
  await checkFoldersAbove(path)
  const found = await lstat(path).catch(() => null)
  if (found === null || found.isFile()) return
  if (!found.isSymbolicLink()) throw unsafe(`${path} is ${kindOf(found)}, not a regular file`, 'Choose another path')
  throw await linkRefused(path)
}

/** The refusal of a link, with where it leads to. */
export async function linkRefused(path: string): Promise<TunnelError> {
  const to = await readlink(path).catch(() => 'an unknown place')
  const next = `Name ${resolve(dirname(path), to)} itself, or remove the link: rm ${path}`
  return unsafe(`${path} is a symbolic link to ${to}; links are not followed when writing`, next)
}

/**
 * A folder above may be a link (`/var/run`, a home on another disk) when this user or root made it.
 * @throws TunnelError `TC-FILE-UNSAFE` for a link that another user made.
 */
export async function checkFoldersAbove(path: string): Promise<void> {
  if (process.geteuid === undefined) return
  const link = await foreignLink(dirname(resolve(path)), 0)
  if (link === null) return
  throw unsafe(`${path} lies below ${link.path}, a symbolic link of ${userOf(link.uid)}`, 'Choose another folder')
}

/** The first link of another user on the way into a folder, or null. */
async function foreignLink(folder: string, followed: number): Promise<{path: string; uid: number} | null> {
  const {root} = parse(folder)
  let at = root
  for (const name of folder.slice(root.length).split(sep)) {
    at = resolve(at, name)
    const found = await lstat(at).catch(() => null)
    if (found === null || followed > MAX_LINKS) return null
    if (!found.isSymbolicLink()) continue
    if (!isTrustedOwner(found.uid)) return {path: at, uid: found.uid}
    const behind = await foreignLink(resolve(dirname(at), await readlink(at)), followed + 1)
    if (behind !== null) return behind
  }
  return null
}

/** A file that holds keys, and its permission bits. */
export interface TrustedFile {
  readonly data: Buffer
  readonly mode: number
}

/**
 * Reads a file whose content decides what this program does or whom it serves; null when there is none.
 * @throws TunnelError `TC-FILE-UNSAFE` when another user owns it or it is not a regular file, else the system's error.
 */
export async function readTrustedFile(path: string): Promise<TrustedFile | null> {
  const file = await open(path, constants.O_RDONLY | NO_WAIT).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null
    throw thrown
  })
  if (file === null) return null
  try {
    const found = await file.stat()
    checkOwner(path, found)
    if (!found.isFile()) throw unsafe(`${path} is ${kindOf(found)}, not a regular file`, 'Choose another path')
    return {data: await file.readFile(), mode: found.mode & 0o7777}
  } finally {
    await file.close()
  }
}

/** @throws TunnelError `TC-FILE-UNSAFE` when another user owns it. */
export function checkOwner(path: string, {uid}: Pick<Stats, 'uid'>): void {
  if (isTrustedOwner(uid)) return
  const next = `If its content is yours: chown ${process.geteuid?.()} ${path}; else remove it or choose another path`
  throw unsafe(`${path} belongs to ${userOf(uid)}, not to this user`, next)
}

/**
 * Checks a folder that this program keeps its own files in; one that is missing passes. `mayBeLink`: the folder itself may
 * be a link that this user or root made.
 * @throws TunnelError `TC-FILE-UNSAFE` when another user owns it or it is a link.
 */
export async function checkOwnFolder(path: string, {mayBeLink}: {readonly mayBeLink: boolean}): Promise<void> {
  const link = await lstat(path).catch(() => null)
  if (link === null) return
  checkOwner(path, link)
  if (!link.isSymbolicLink()) return
  if (!mayBeLink) throw await linkRefused(path)
  const folder = await stat(path).catch(() => null)
  if (folder !== null) checkOwner(path, folder)
}

/** `user 65534`. */
export const userOf = (uid: number): string => (uid === 0 ? 'root' : `user ${uid}`)

/** What stands at a path, with its article. */
export function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a FIFO'
  if (found.isSocket()) return 'a socket'
  return found.isSymbolicLink() ? 'a symbolic link' : 'a device'
}
