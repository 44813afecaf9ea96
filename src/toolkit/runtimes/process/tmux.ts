// Sessions that the reference keeps its runtimes in. We start none, but we see, stop and replace them.

import {createHash} from 'node:crypto'
import {captureProgram} from '../../../foundation/platform/index.ts'
import type {StateRoot} from '../state-root.ts'

/** Environment to find the tmux server with. */
type Env = Readonly<Record<string, string | undefined>>

/** Pids of the living panes by session name. */
export type TmuxSessions = ReadonlyMap<string, readonly number[]>

const TMUX_MS = 700
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** The reference's name for the session of an alias. */
export const tmuxSessionName = (alias: string, root: StateRoot): string =>
  `tunnel-mcp__${alias}__${createHash('sha256').update(root.path).digest('hex').slice(0, 8)}`

/** All sessions at once; none when there is no tmux or no server. */
export async function tmuxSessions(env: Env): Promise<TmuxSessions> {
  const argv = ['tmux', 'list-panes', '-a', '-F', '#{session_name} #{pane_pid} #{pane_dead}'] as const
  const {status, stdout} = await captureProgram({argv: [...argv], env, timeoutMs: TMUX_MS})
  const sessions = new Map<string, number[]>()
  if (status !== 0) return sessions
  for (const line of stdout.split('\n')) {
    const found = /^(\S+) (\d+) ([01]?)$/.exec(line.trim())
    if (found === null) continue
    const pids = sessions.get(found[1]!) ?? []
    sessions.set(found[1]!, found[3] === '1' ? pids : [...pids, Number(found[2])])
  }
  return sessions
}

/** Ends a session by its exact name. Null when it is gone, else why not. */
export async function killTmuxSession(name: string, env: Env): Promise<string | null> {
  if (!NAME.test(name)) return `${JSON.stringify(name)} is no name of a tmux session`
  const {status, stdout, stderr} = await captureProgram({
    argv: ['tmux', 'kill-session', '-t', `=${name}`],
    env,
    timeoutMs: 5000,
  })
  if (status === 0 || !(await tmuxSessions(env)).has(name)) return null
  return `tmux kill-session failed: ${(stderr || stdout).trim() || 'no answer'}`
}
