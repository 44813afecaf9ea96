// Finds a program as the system would when it starts one, so that "cannot be started" can say why before anything runs.

import {constants} from 'node:fs'
import {access, open, stat} from 'node:fs/promises'
import {delimiter, isAbsolute, join, resolve} from 'node:path'
import {workingFolder} from './files/working-folder.ts'

/** What is looked for. */
export interface ExecutableQuery {
  /** As in argv[0]: a bare name is looked up in PATH, anything with a separator is a path. */
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where relative paths begin. Default: the working directory. */
  readonly cwd?: string
}

/** Why a program cannot be started. */
export type ExecutableProblem = 'not_found' | 'is_directory' | 'not_executable' | 'interpreter_missing'

/** The answer of {@link resolveExecutable}. `message` is one sentence without a full stop. */
export type ExecutableFound =
  | {readonly found: true; readonly path: string}
  | {readonly found: false; readonly problem: ExecutableProblem; readonly message: string}

/** Looks a program up and checks that it could be started: a file, the execute bit, and the interpreter of a script. */
export async function resolveExecutable({name, env, cwd = workingFolder()}: ExecutableQuery): Promise<ExecutableFound> {
  if (/[/\\]/.test(name) && (name.includes('/') || process.platform === 'win32')) {
    const path = isAbsolute(name) ? name : resolve(cwd, name)
    const problem = await problemOf(path, env)
    return problem ?? {found: true, path}
  }
  let closest: ExecutableFound | null = null
  for (const candidate of candidates(name, env, cwd)) {
    const problem = await problemOf(candidate, env)
    if (problem === null) return {found: true, path: candidate}
    // What exists but cannot run explains more than "not found"; like the system, go on looking first.
    if (problem.problem !== 'not_found') closest ??= problem
  }
  return closest ?? {found: false, problem: 'not_found', message: `${quote(name)} is not found in PATH`}
}

function* candidates(name: string, env: ExecutableQuery['env'], cwd: string): Generator<string> {
  const extensions = process.platform === 'win32' ? ['', ...(env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';')] : ['']
  for (const folder of (env.PATH ?? env.Path ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter)) {
    if (cwd === '' && !isAbsolute(folder)) continue
    for (const extension of extensions) yield join(resolve(cwd, folder), name + extension)
  }
}

type Problem = Extract<ExecutableFound, {found: false}>

async function problemOf(path: string, env: ExecutableQuery['env']): Promise<Problem | null> {
  const no = (problem: ExecutableProblem, message: string): Problem => ({found: false, problem, message})
  const info = await stat(path).catch(() => null)
  if (info === null) return no('not_found', `${quote(path)} does not exist`)
  if (info.isDirectory()) return no('is_directory', `${quote(path)} is a directory`)
  if (process.platform === 'win32') return null
  if (!(await allowed(path))) return no('not_executable', `${quote(path)} may not be executed by this user`)
  const interpreter = await interpreterOf(path)
  if (interpreter === null) return null
  const [program, argument] = interpreter
  if (!(await allowed(program)))
    return no('interpreter_missing', `${quote(path)} needs the interpreter ${quote(program)}, which cannot be executed`)
  if (!/(^|\/)env$/.test(program) || argument === undefined || argument.startsWith('-')) return null
  for (const candidate of candidates(argument, env, workingFolder())) if (await allowed(candidate)) return null
  return no(
    'interpreter_missing',
    `${quote(path)} needs the interpreter ${quote(argument)}, which is not found in PATH`,
  )
}

const allowed = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** Program and first argument of a `#!` line; null for anything else, also for a script that may be run but not read. */
async function interpreterOf(path: string): Promise<[string, string?] | null> {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return null
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(256), 0, 256, 0)
    const line = buffer.toString('latin1', 0, bytesRead).split('\n', 1)[0]!
    if (!line.startsWith('#!')) return null
    const [program, argument] = line.slice(2).trim().split(/\s+/)
    return program === undefined || program === '' ? null : argument === undefined ? [program] : [program, argument]
  } finally {
    await file.close()
  }
}

const quote = (text: string): string => JSON.stringify(text)
