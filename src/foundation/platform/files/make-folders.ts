// Makes a folder with everything above it. Node's own way never returns where a folder cannot hold others, as in /proc.

import {mkdir, stat} from 'node:fs/promises'
import {dirname} from 'node:path'

/** Makes it; one that is there stays as it is. Those that were not there, the deepest first. Rejects with the system's error. */
export async function makeFolders(path: string, mode: number): Promise<string[]> {
  try {
    await mkdir(path, {mode})
    return [path]
  } catch (thrown) {
    const {code} = thrown as NodeJS.ErrnoException
    const above = dirname(path)
    if (code === 'EEXIST' && (await isFolder(path))) return []
    if (code !== 'ENOENT' || above === path || (await isFolder(above))) throw thrown
    const made = await makeFolders(above, mode)
    return [...(await makeFolders(path, mode)), ...made]
  }
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() === true
