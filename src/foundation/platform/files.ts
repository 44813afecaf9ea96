// Files that others read while we write: written whole or not at all, with the mode they must have from the first byte.

import {readFile, rm} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {getSystemErrorMap} from 'node:util'
import {makeFolders} from './files/make-folders.ts'

/** A file to write. */
export interface AtomicWrite {
  readonly path: string
  readonly data: string | Uint8Array
  /** Permission bits, for example 0o600. They also replace those of a file that exists. */
  readonly mode: number
  /** Create missing folders above it with these permission bits; without it a missing folder is an error. */
  readonly parentMode?: number
}

/** Writes to a temporary file beside the target, syncs it and renames it over the target. Throws the system's error. */
export async function writeFileAtomic(options: AtomicWrite): Promise<void> {
  const {default: write} = await import('write-file-atomic')
  if (options.parentMode !== undefined) {
    await makeFolders(dirname(options.path), options.parentMode)
  }
  const data = typeof options.data === 'string' ? options.data : Buffer.from(options.data)
  await write(options.path, data, {mode: options.mode})
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

/** Removes a file; one that is not there is fine. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, {force: true})
}

/** Words an error of the file system as Go does, for example `open /x: no such file or directory`. */
export function fileProblem(path: string, thrown: unknown): string {
  const error = thrown as NodeJS.ErrnoException
  if (typeof error?.errno !== 'number' || typeof error.code !== 'string')
    return `open ${path}: ${String(error?.message)}`
  const verb = error.code === 'EISDIR' ? 'read' : 'open'
  const reason = error.code === 'EISDIR' ? 'is a directory' : getSystemErrorMap().get(error.errno)?.[1]
  return `${verb} ${path}: ${reason ?? error.code}`
}
