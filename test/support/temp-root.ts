// One folder for everything that a run of tests writes, and a home in it: no test reads the user's files, Codex or tmux. The
// folder goes with the run, also what a process that was killed had no time to remove, and the next run sweeps away what a run
// that was killed itself has left.

import {mkdirSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Short, because the path of a unix socket is: it has 108 bytes. */
const NAME = 'tct-'
/** Others may begin a name so, too. */
const OURS = /^tct-(\d+)$/

/**
 * Makes the folder and names it in TMPDIR, for all tests and what they start. Called by vitest before the first test; what it
 * returns, after the last one. (An exported `teardown` would run also after a setup that failed, with TMPDIR still the user's.)
 */
export function setup(): () => void {
  const parent = tmpdir()
  for (const name of readdirSync(parent).filter(isAbandoned)) remove(join(parent, name))
  const root = join(parent, `${NAME}${process.pid}`)
  mkdirSync(root, {mode: 0o700})
  process.env.TMPDIR = root
  leaveUserAlone(process.env, join(root, 'home'))
  return () => remove(root)
}

/** What leads to something of the user, or configures tunnel-client. */
const USERS =
  /^(TMUX(_PANE|_TMPDIR)?|CODEX_HOME|XDG_(CONFIG|STATE|DATA|RUNTIME)_.*|TUNNEL_CLIENT_.*|CONTROL_PLANE_.*|OPENAI_.*)$/

/** Changes `env` for this process and all that it starts. npm keeps its registry and its downloads. */
function leaveUserAlone(env: NodeJS.ProcessEnv, home: string): void {
  mkdirSync(home, {mode: 0o700})
  for (const name of Object.keys(env)) if (USERS.test(name)) delete env[name]
  if (env.HOME !== undefined) {
    env.npm_config_cache ??= join(env.HOME, '.npm')
    env.npm_config_userconfig ??= join(env.HOME, '.npmrc')
  }
  env.HOME = home
}

/** A folder that carries our own number is of a process that had it before us. */
function isAbandoned(name: string): boolean {
  const pid = Number(OURS.exec(name)?.[1])
  return pid > 0 && (pid === process.pid || !isAlive(pid))
}

/** Removes a folder with all that is in it; what stays is said, and fails nothing. */
function remove(folder: string): void {
  try {
    rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 200})
  } catch (error) {
    process.stdout.write(`left over in ${folder} (${String(error)}): ${namesIn(folder).join(', ')}\n`)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
