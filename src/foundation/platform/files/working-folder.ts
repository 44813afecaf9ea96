// The working folder of a process can be deleted under it. Most commands need no folder, so that is an error only where a
// relative path is used or a child is to be started.

import {TunnelError} from '../../errors/index.ts'

/**
 * The working folder; empty when it was deleted. `resolve('', path)` takes absolute paths as they are, and throws for
 * relative ones an error that {@link isFolderGone} recognizes.
 */
export function workingFolder(): string {
  try {
    return process.cwd()
  } catch {
    return ''
  }
}

/** True for the error with which Node answers a question for a working folder that was deleted. */
export const isFolderGone = (thrown: unknown): boolean =>
  thrown instanceof Error && 'syscall' in thrown && thrown.syscall === 'uv_cwd'

/** What to report then. */
export const folderGone = (cause?: unknown): TunnelError =>
  new TunnelError('TC-CLI-FOLDER', 'the working folder was deleted', {cause})

/** The folder to start a child in: the given one, else ours. @throws TunnelError `TC-CLI-FOLDER` when ours was deleted */
export function childFolder(given?: string): string {
  const folder = given || workingFolder()
  if (folder === '') throw folderGone()
  return folder
}
