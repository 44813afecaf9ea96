// config.toml as bytes, mode and absence: what is saved before an install and put back at uninstall.

import {createHash} from 'node:crypto'
import {chmod, lstat, readFile, realpath} from 'node:fs/promises'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {removeFile, writeFileAtomic} from '../../../foundation/platform/index.ts'

/** A file at one moment; null bytes: it was not there. */
export interface FileState {
  readonly bytes: Buffer | null
  /** Permission bits; 0 when it was not there. */
  readonly mode: number
}

/** What to remember of a {@link FileState}. */
export interface FileMark {
  readonly existed: boolean
  readonly mode: number
  /** Lower-case hex; empty when it was not there. */
  readonly sha256: string
}

const FRESH_MODE = 0o600

/** The file now. @throws TunnelError `TC-CODEX-CONFIG` when it is there and cannot be read. */
export async function readState(path: string): Promise<FileState> {
  try {
    const bytes = await readFile(path)
    return {bytes, mode: (await lstat(await realpath(path))).mode & 0o7777}
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {bytes: null, mode: 0}
    throw new TunnelError('TC-CODEX-CONFIG', `read ${path}: ${messageOf(thrown)}`, {cause: thrown})
  }
}

/** Its text; empty when it is not there. */
export const textOf = (state: FileState): string => state.bytes?.toString('utf8') ?? ''

/** What to remember. */
export const markOf = ({bytes, mode}: FileState): FileMark => ({
  existed: bytes !== null,
  mode,
  sha256: bytes === null ? '' : createHash('sha256').update(bytes).digest('hex'),
})

/** True when the file is, byte for byte, what was remembered; modes may differ. */
export const isSame = (state: FileState, mark: FileMark): boolean => markOf(state).sha256 === mark.sha256

/**
 * Makes the file what `state` says, if it is not already so; a link stays a link. Atomic.
 * @throws TunnelError `TC-CODEX-WRITE`
 */
export async function writeState(path: string, state: FileState): Promise<void> {
  const now = await readState(path)
  try {
    if (state.bytes === null) {
      if (now.bytes !== null) await removeFile(path)
      return
    }
    const mode = state.mode || FRESH_MODE
    if (now.bytes?.equals(state.bytes) !== true) {
      const target = now.bytes === null ? path : await realpath(path)
      await writeFileAtomic({path: target, data: state.bytes, mode, parentMode: 0o755})
    } else if (now.mode !== mode) await chmod(path, mode)
  } catch (thrown) {
    throw new TunnelError('TC-CODEX-WRITE', `write ${path}: ${messageOf(thrown)}`, {cause: thrown})
  }
}
