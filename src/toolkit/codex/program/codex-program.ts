// Codex's own command line: where it is, and its verdict in one sentence instead of a stack of unknown frames.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {resolveExecutable} from '../../../foundation/platform/index.ts'
import type {CodexHome} from '../codex-home.ts'
import {parsedJson} from './parsed-json.ts'
import {type ProgramResult, runProgram} from './run-program.ts'

/** Codex for one home. */
export interface CodexProgram {
  readonly path: string
  /** Runs `codex <args> --json` and gives what it printed. @throws TunnelError `TC-CODEX-REFUSED` */
  json(args: readonly string[]): Promise<unknown>
}

const COMMAND_MS = 60_000
const LOOK_MS = 5000

type Env = Readonly<Record<string, string | undefined>>

/** Full path of `codex`; null when it is not on the PATH. */
export async function findCodex(env: Env, cwd: string): Promise<string | null> {
  const found = await resolveExecutable({name: 'codex', env, cwd})
  return found.found ? found.path : null
}

/** Codex at `path`, working on `home`. */
export function codexProgram(options: {
  readonly path: string
  readonly home: CodexHome
  readonly env: Env
  readonly cwd: string
  readonly signal?: AbortSignal | undefined
}): CodexProgram {
  const {path, home, cwd, signal} = options
  const env = {...options.env, CODEX_HOME: home.path}
  return {
    path,
    json: async (args) => {
      const result = await runProgram({argv: [path, ...args, '--json'], env, cwd, timeoutMs: COMMAND_MS, signal})
      const answer = result.code === 0 ? parsedJson(result.stdout) : undefined
      if (answer !== undefined) return answer
      throw new TunnelError('TC-CODEX-REFUSED', `codex ${args.join(' ')}: ${complaintOf(result)}`)
    },
  }
}

/** What looking at Codex tells. */
export interface CodexLook {
  /** Last line of `codex --version`; empty when it said nothing. */
  readonly version: string
  /** Why there is no app-server; null when there is one. */
  readonly appServerProblem: string | null
}

/**
 * Asks Codex for its version and for its app-server. Codex makes its home when it starts in one that it may make, so both
 * start with one that does not exist and is named outright: then it makes nothing.
 */
export async function lookAtCodex(path: string, env: Env, cwd: string): Promise<CodexLook> {
  const nowhere = {...env, CODEX_HOME: `${path}.no-home`}
  const ask = (...args: string[]): Promise<ProgramResult> =>
    runProgram({argv: [path, ...args], env: nowhere, cwd, timeoutMs: LOOK_MS})
  const [version, help] = await Promise.all([ask('--version'), ask('app-server', '--help')])
  return {
    version: version.code === 0 ? lastLine(version.stdout) || lastLine(version.stderr) : '',
    appServerProblem: help.code === 0 ? null : complaintOf(help),
  }
}

/** Why a program failed, in one line: its own `Error:` with the cause below it, else its last words. */
export function complaintOf({code, stdout, stderr, problem}: ProgramResult): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  const from = lines.findIndex((line) => /^error:/i.test(line))
  const said = lines
    .slice(Math.max(from, 0))
    .filter((line) => line !== '' && !/^WARNING:/.test(line) && line !== 'Caused by:')
  const end = said.findIndex((line) => /^Stack backtrace:|^\d+: /.test(line))
  const words = (end === -1 ? said : said.slice(0, end))
    .slice(0, 4)
    .join(' ')
    .replace(/^error:\s*/i, '')
  return [problem, words || lastLine(stdout)].filter(Boolean).join('; ') || `exit status ${code}`
}

const lastLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '') ?? ''
