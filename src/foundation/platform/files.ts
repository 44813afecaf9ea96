// Files that other programs read: written whole or not at all, with their mode from the first byte, through no link.

import {readFile, rename, rm} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {getSystemErrorMap} from 'node:util'
import {withDraft} from './files/draft.ts'
import {makeFolders} from './files/make-folders.ts'
import {checkTarget} from './files/trust.ts'
import {isFolderGone} from './files/working-folder.ts'

/** A file to write. */
export interface AtomicWrite {
  readonly path: string
  readonly data: string | Uint8Array
  /** Permission bits, for example 0o600. They also replace those of a file that exists. */
  readonly mode: number
  /** Create missing folders above it with these permission bits; without it a missing folder is an error. */
  readonly parentMode?: number
}

/**
 * Writes a draft beside the target, syncs it and renames it over the target, which then belongs to this user, whichever user owned
 * it before. Throws the system's error, or `TC-FILE-UNSAFE` when a link or no regular file stands at the path.
 */
export async function writeFileAtomic({path, data, mode, parentMode}: AtomicWrite): Promise<void> {
  await checkTarget(path)
  if (parentMode !== undefined) await makeFolders(dirname(path), parentMode)
  await withDraft({path, data, mode}, (draft) => rename(draft, path))
}

/** What reading a file gave: its bytes, or one clause that names the path and the reason, as Go words it. */
export type ReadFile = {readonly ok: true; readonly data: Buffer} | {readonly ok: false; readonly problem: string}

/** Reads a whole file; a relative path is taken from `cwd`. Never throws for what the file system says. */
export async function readWholeFile(path: string, cwd = ''): Promise<ReadFile> {
  try {
    return {ok: true, data: await readFile(resolve(cwd, path))}
  } catch (thrown) {
    return {ok: false, problem: fileProblem(path, thrown)}
  }
}

/** Removes a file, never what a link leads to; one that is not there is fine. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, {force: true})
}

/** Words an error of the file system as Go does, for example `open /x: no such file or directory`. */
export function fileProblem(path: string, thrown: unknown): string {
  const error = thrown as NodeJS.ErrnoException
  if (isFolderGone(thrown)) return `open ${path}: the working folder was deleted`
  if (typeof error?.errno !== 'number' || typeof error.code !== 'string')
    return `open ${path}: ${String(error?.message)}`
  const verb = error.code === 'EISDIR' ? 'read' : 'open'
  const reason = error.code === 'EISDIR' ? 'is a directory' : getSystemErrorMap().get(error.errno)?.[1]
  return `${verb} ${path}: ${reason ?? error.code}`
}
