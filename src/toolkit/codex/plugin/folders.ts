// Folders that come and go with the plugin.

import {mkdir, rm, rmdir, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import type {CodexHome} from '../codex-home.ts'

/**
 * Makes a folder (0755) and those above it. Step by step: Node's own recursion never ends where a folder exists and none
 * can be made in it (`/proc`).
 * @throws TunnelError `TC-CODEX-WRITE`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeSteps(path)
  } catch (thrown) {
    throw new TunnelError('TC-CODEX-WRITE', `create ${path}: ${messageOf(thrown)}`, {cause: thrown})
  }
}

async function makeSteps(path: string): Promise<void> {
  const info = await stat(path).catch(() => null)
  if (info?.isDirectory()) return
  if (dirname(path) !== path) await makeSteps(dirname(path))
  await mkdir(path, {mode: 0o755}).catch(async (thrown: NodeJS.ErrnoException) => {
    const made = thrown.code === 'EEXIST' && (await stat(path)).isDirectory()
    if (!made) throw thrown
  })
}

/** Removes a folder tree. @throws TunnelError `TC-CODEX-WRITE` */
export async function removeTree(folder: string): Promise<void> {
  await rm(folder, {recursive: true, force: true}).catch((thrown) => {
    throw new TunnelError('TC-CODEX-WRITE', `remove ${folder}: ${messageOf(thrown)}`, {cause: thrown})
  })
}

/** Removes folders that are empty, in this order; others stay. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => {})
}

/** Removes a home that an install made, and what Codex made in it, as far as it is empty. */
export async function removeEmptyHome({path, cache}: CodexHome): Promise<void> {
  const inside = ['plugins', '.tmp/marketplaces', '.tmp'].map((name) => join(path, name))
  await removeEmpty([cache, ...inside, path])
}

/** True when there is something at the path. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
