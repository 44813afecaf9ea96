// One command at a time for an alias: between looking at a runtime and starting or stopping it nobody else may do so.

import {join} from 'node:path'
import {lockFile} from '../../../foundation/platform/index.ts'
import {ensureStateFolders, type StateRoot} from '../state-root.ts'

/** Longer than a stop that waits for the calls of another command, in milliseconds. */
const PATIENCE_MS = 90_000

/** Runs `work` while no other command starts, stops or removes this alias. @throws TunnelError `TC-STATE-BUSY` */
export async function withAliasLock<T>(
  options: {readonly root: StateRoot; readonly alias: string; readonly signal: AbortSignal},
  work: () => Promise<T>,
): Promise<T> {
  const {root, alias, signal} = options
  await ensureStateFolders(root)
  const path = join(root.locksFolder, `alias-${alias}.holder`)
  const lock = await lockFile({path, waitMs: PATIENCE_MS, what: `runtime ${alias}`, signal})
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
