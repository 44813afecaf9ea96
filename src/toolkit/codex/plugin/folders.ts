// Folders that come and go with the plugin.

import {rm, rmdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {makeFolders} from '../../../foundation/platform/index.ts'
import type {CodexHome} from '../codex-home.ts'

/** Makes a folder (0755) and those above it; which ones were not there, the deepest first. @throws TunnelError `TC-CODEX-WRITE` */
export async function makeFolder(path: string): Promise<string[]> {
  return await makeFolders(path, 0o755).catch((thrown) => {
    throw new TunnelError('TC-CODEX-WRITE', `create ${path}: ${messageOf(thrown)}`, {cause: thrown})
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
