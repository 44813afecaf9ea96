// Can one program be started, or one script be read? The platform looks; the sentences are those that scripts match.

import {constants} from 'node:fs'
import {access, stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {type ExecutableFound, resolveExecutable} from '../../../foundation/platform/index.ts'

/** The file that would be started, or one sentence that names the word and the fix. */
export type Preflight = {readonly ok: true; readonly resolved: string} | {readonly ok: false; readonly problem: string}

/** Where words are looked up. */
export interface PreflightWorld {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative words start here. */
  readonly cwd: string
}

/** One sentence of refusal. */
export const refuse = (problem: string): Preflight => ({ok: false, problem})

/** Finds `word` as the system would, and checks that it could be started. */
export async function checkExecutable(word: string, world: PreflightWorld): Promise<Preflight> {
  const seen = await resolveExecutable({name: word, ...world})
  return seen.found ? {ok: true, resolved: seen.path} : refuse(worded(word, seen))
}

function worded(word: string, {problem, message}: Extract<ExecutableFound, {found: false}>): string {
  const program = `stdio MCP executable ${JSON.stringify(word)}`
  const [shown] = /^"(?:[^"\\]|\\.)*"/.exec(message) ?? [JSON.stringify(word)]
  const file = JSON.parse(shown) as string
  switch (problem) {
    case 'not_found':
      return `${program} was not found; fix: install it, give its absolute path, or put its folder on PATH`
    case 'is_directory':
      return `${program} is a directory; fix: let mcp.command name a file, not ${quoted(file)}`
    case 'not_executable':
      return `${program} is not executable; fix: chmod +x ${quoted(file)}`
    case 'interpreter_missing':
      return `stdio MCP script ${shown} uses an unavailable interpreter; fix: install it or update the shebang: ${message}`
  }
}

/** Checks a script that another program will read. */
export async function checkScript(word: string, {cwd}: PreflightWorld): Promise<string | null> {
  const script = `stdio MCP script ${JSON.stringify(word)}`
  const path = resolve(cwd, word)
  const found = await stat(path).catch(() => null)
  if (found === null) return `${script} was not found; fix: correct its path in mcp.command, or create the file`
  if (found.isDirectory()) return `${script} is a directory; fix: let the command name a script file`
  return await access(path, constants.R_OK).then(
    () => null,
    () => `${script} is not readable; fix: chmod +r ${quoted(word)}`,
  )
}

const quoted = (path: string): string => (/[\s'"\\$`]/.test(path) ? `'${path.replaceAll("'", `'\\''`)}'` : path)
