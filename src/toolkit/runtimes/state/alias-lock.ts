// One command at a time for an alias: between looking at a runtime and starting or stopping it nobody else may do so.

import {join} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {lockFile, makeFolders} from '../../../foundation/platform/index.ts'
import type {StateRoot} from '../state-root.ts'

/** Longer than a stop that waits for the calls of another command, in milliseconds. */
const PATIENCE_MS = 90_000

/** Runs `work` while no other command starts, stops or removes this alias. @throws TunnelError `TC-STATE-BUSY` */
export async function withAliasLock<T>(
  options: {readonly root: StateRoot; readonly alias: string; readonly signal: AbortSignal},
  work: () => Promise<T>,
): Promise<T> {
  const {root, alias, signal} = options
  const folder = join(root.path, '.locks')
  await makeFolders(folder, 0o755).catch((thrown) => {
    throw new TunnelError('TC-STATE-WRITE', `create state directory ${folder}: ${messageOf(thrown)}`, {cause: thrown})
  })
  const lock = await lockFile({path: join(folder, alias), waitMs: PATIENCE_MS, what: `runtime ${alias}`, signal})
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
