// Which command is Codex's app-server: the reference's variables, or `codex app-server`.

import {resolve} from 'node:path'
import {resolveExecutable} from '../../../foundation/platform/index.ts'

/** How to start it. */
export interface AppServerCommand {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * TUNNEL_CLIENT_CODEX_APP_SERVER_COMMAND is a line for a login shell; _CMD and _ARGS are a program and its arguments, run
 * directly when the program is there, else through the same shell; _CWD is the folder.
 */
export async function appServerCommand(env: Env, cwd: string): Promise<AppServerCommand> {
  const variable = (name: string): string => env[`TUNNEL_CLIENT_CODEX_APP_SERVER_${name}`]?.trim() ?? ''
  const folder = variable('CWD') === '' ? cwd : resolve(cwd, variable('CWD'))
  const line = variable('COMMAND')
  if (line !== '') return {argv: ['zsh', '-lc', line], cwd: folder}
  const program = variable('CMD') || 'codex'
  const args = (variable('ARGS') || 'app-server').split(/\s+/)
  const found = await resolveExecutable({name: program, env, cwd})
  if (found.found) return {argv: [found.path, ...args], cwd: folder}
  return {argv: ['zsh', '-lc', [program, ...args].map(quoted).join(' ')], cwd: folder}
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`
