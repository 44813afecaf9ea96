// Can one program be started? PATH, file type, execute bit, and the interpreter that its first line names.

import {constants, type Stats} from 'node:fs'
import {access, open, stat} from 'node:fs/promises'
import {delimiter, isAbsolute, join, resolve} from 'node:path'
import {splitArgv} from '../../../foundation/platform/index.ts'

/** The file that would be started, or one sentence that names the word and the fix. */
export type Preflight = {readonly ok: true; readonly resolved: string} | {readonly ok: false; readonly problem: string}

/** Where words are looked up. */
export interface PreflightWorld {
  /** Value of PATH. */
  readonly path: string
  /** Relative words start here. */
  readonly cwd: string
}

const WINDOWS = process.platform === 'win32'
const SHEBANG_BYTES = 4096

/** One sentence of refusal. */
export const refuse = (problem: string): Preflight => ({ok: false, problem})

/** Finds `word` as a shell would, and checks file type and execute bit. */
export async function findExecutable(word: string, world: PreflightWorld): Promise<Preflight> {
  const label = `stdio MCP executable ${JSON.stringify(word)}`
  let unusable: string | null = null
  for (const candidate of candidates(word, world)) {
    const found = await stat(candidate).catch(() => null)
    if (found === null) continue
    if (found.isDirectory()) {
      unusable ??= `${label} is a directory; fix: let mcp.command name a file, not ${quoted(candidate)}`
    } else if (!isExecutable(found)) {
      unusable ??= `${label} is not executable; fix: chmod +x ${quoted(candidate)}`
    } else return {ok: true, resolved: candidate}
  }
  return refuse(
    unusable ?? `${label} was not found; fix: install it, give its absolute path, or put its folder on PATH`,
  )
}

/** Checks the first line of a script; anything else passes. */
export async function checkShebang(file: string, world: PreflightWorld): Promise<string | null> {
  if (WINDOWS) return null
  const line = await firstLine(file)
  if (line === null) return null
  const script = `stdio MCP script ${JSON.stringify(file)}`
  const words = splitArgv(line)
  if (!words.ok) {
    return words.problem === 'command is empty'
      ? `${script} has an empty shebang; fix: let its first line name an installed interpreter`
      : `${script} has an invalid shebang ${JSON.stringify(line)}; fix: let its first line name an installed interpreter`
  }
  const [interpreter, ...rest] = words.argv
  if (/(^|\/)env$/.test(interpreter)) {
    const name = rest.find((word) => !word.startsWith('-') && !word.includes('='))
    if (name === undefined) return `${script} has an invalid env shebang; fix: write #!/usr/bin/env <interpreter>`
    const seen = await findExecutable(name, world)
    if (seen.ok) return null
    return `${script} uses an unavailable interpreter ${JSON.stringify(name)}; fix: install it or update the shebang`
  }
  if (!isAbsolute(interpreter)) {
    return `${script} uses the interpreter ${JSON.stringify(interpreter)} without its full path; fix: write #!/usr/bin/env ${interpreter}`
  }
  const seen = await findExecutable(interpreter, world)
  if (seen.ok) return null
  return `${script} uses an unavailable interpreter ${JSON.stringify(interpreter)}; fix: install it or update the shebang`
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

function candidates(word: string, {path, cwd}: PreflightWorld): string[] {
  if (word.includes('/') || (WINDOWS && /[\\:]/.test(word))) return [resolve(cwd, word)]
  const names = WINDOWS ? ['.exe', '.cmd', '.bat', '.com', ''].map((end) => word + end) : [word]
  const folders = path.split(delimiter).map((folder) => (folder === '' ? cwd : resolve(cwd, folder)))
  return folders.flatMap((folder) => names.map((name) => join(folder, name)))
}

const isExecutable = (found: Stats): boolean => WINDOWS || (found.mode & 0o111) !== 0

const quoted = (path: string): string => (/[\s'"\\$`]/.test(path) ? `'${path.replaceAll("'", `'\\''`)}'` : path)

/** The text behind `#!`, trimmed; null when the file is no script. */
async function firstLine(file: string): Promise<string | null> {
  const handle = await open(file).catch(() => null)
  if (handle === null) return null
  try {
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(SHEBANG_BYTES), 0, SHEBANG_BYTES, 0)
    const text = buffer.toString('utf8', 0, bytesRead)
    return text.startsWith('#!') ? (text.slice(2).split('\n', 1)[0] ?? '').trim() : null
  } finally {
    await handle.close()
  }
}
