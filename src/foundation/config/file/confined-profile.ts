// A named profile stays in its folder: the folder itself may be a link, and a link inside it may lead to another file inside
// it by a relative path. A profile that leads anywhere else would let the writer of one name point at any file.

import {lstat, readlink, realpath} from 'node:fs/promises'
import {dirname, isAbsolute, join, relative, resolve, sep} from 'node:path'
import type {Parsed} from '../values/go-text.ts'

const MAX_LINKS = 8

/** The file that a path in the folder `dir` leads to; the path itself when nothing stands there. */
export async function confinedProfile(dir: string, path: string): Promise<Parsed<string>> {
  const escapes = {ok: false, problem: `open ${path}: path escapes from parent`} as const
  let at = path
  for (let followed = 0; followed <= MAX_LINKS; followed++) {
    const found = await lstat(at).catch(() => null)
    if (!found?.isSymbolicLink()) return (await isInside(dir, at)) ? {ok: true, value: at} : escapes
    const to = await readlink(at)
    at = join(dirname(at), to)
    if (isAbsolute(to) || !isBelow(resolve(dir), resolve(at))) return escapes
  }
  return {ok: false, problem: `open ${path}: too many levels of symbolic links`}
}

const isBelow = (folder: string, path: string): boolean => {
  const inside = relative(folder, path)
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

/** A folder between may be a link that leads out. What does not exist leads nowhere. */
async function isInside(dir: string, path: string): Promise<boolean> {
  try {
    return isBelow(await realpath(dir), await realpath(path))
  } catch {
    return true
  }
}
