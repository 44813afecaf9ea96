// `~` in a path. A shell expands it only where it stands alone at the start of a word, so `--flag=~/x` and quoted variables
// arrive here with it, and would name a folder called `~`.

import {homedir} from 'node:os'
import {join} from 'node:path'
import {goQuote, TunnelError} from '../../errors/index.ts'

/** A path without `~`, or why it cannot be given. */
export type HomePath = {readonly ok: true; readonly value: string} | {readonly ok: false; readonly problem: string}

/** What to do about a `~` that is not expanded. */
export const HOME_PATH_NEXT = 'Write the absolute path, or ./ in front of a name that begins with ~'

/** The home of this user: HOME, else what the system says; empty when there is none. */
export function homeOf(env: Readonly<Record<string, string | undefined>>): string {
  const named = env.HOME?.trim() ?? ''
  if (named !== '') return named
  try {
    return homedir()
  } catch {
    return ''
  }
}

/** Expands `~` and `~/…`; `~user` is refused, any other path stays as it is. */
export function expandHome(path: string, home: string): HomePath {
  if (!path.startsWith('~')) return {ok: true, value: path}
  const inside = path === '~' || path.startsWith('~/') || (process.platform === 'win32' && path.startsWith('~\\'))
  if (!inside) return {ok: false, problem: `cannot expand ${goQuote(path)}: only ~ and ~/ are understood`}
  if (home === '') return {ok: false, problem: `cannot expand ${goQuote(path)} without HOME`}
  return {ok: true, value: path === '~' ? home : join(home, path.slice(2))}
}

/** The same for a path outside of a configuration. @throws TunnelError `TC-CLI-USAGE` */
export function homePath(path: string, env: Readonly<Record<string, string | undefined>>): string {
  const read = expandHome(path, homeOf(env))
  if (read.ok) return read.value
  throw new TunnelError('TC-CLI-USAGE', read.problem, {next: [HOME_PATH_NEXT]})
}
