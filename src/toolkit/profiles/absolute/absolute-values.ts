// What is saved has to work from another folder: relative paths in `file:` references and in the MCP command become absolute.

import {statSync} from 'node:fs'
import {basename, isAbsolute, resolve} from 'node:path'
import {expandHome} from '../../../foundation/config/index.ts'
import {splitArgv} from '../../../foundation/platform/index.ts'

/** Where relative paths begin, and whose home `~` is. */
export interface PathBase {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A value to save. */
export interface AbsoluteValue {
  readonly text: string
  /** One sentence for each path that was changed. */
  readonly notes: readonly string[]
}

/** Programs whose first argument is a file, also one whose name looks like any word. */
const INTERPRETERS = /^(?:node|nodejs|deno|bun|tsx|python[\d.]*|ruby|perl|php|(?:ba|da|z|k)?sh)(?:\.exe)?$/

/** A `file:` reference with an absolute path; any other text stays as it is. */
export function absoluteReference(given: string, base: PathBase): AbsoluteValue {
  const text = given.trim()
  const isFile = /^file:/i.test(text)
  const prefix = text.slice(0, 'file:'.length)
  const path = isFile ? text.slice(prefix.length).trim() : ''
  if (path === '') return {text: given, notes: []}
  const absolute = absolutePath(path, base)
  return absolute === path ? {text: given, notes: []} : {text: `${prefix}${absolute}`, notes: [noteOf(path, absolute)]}
}

/** A command line whose program and arguments name existing files by absolute paths; a `file:` reference likewise. */
export function absoluteCommand(given: string, base: PathBase): AbsoluteValue {
  if (/^\s*(?:env|file):/i.test(given)) return absoluteReference(given, base)
  const split = splitArgv(given)
  if (!split.ok) return {text: given, notes: []}
  const [program] = split.argv
  const script = INTERPRETERS.test(basename(program))
    ? split.argv.findIndex((word, at) => at > 0 && !/^-/.test(word))
    : -1
  const notes: string[] = []
  const words = split.argv.map((word, at) => {
    const [, option = '', value = word] = /^(-[^=\s]*=)(.+)$/s.exec(word) ?? []
    const absolute = existing(value, {base, plainWord: at === script, isProgram: at === 0})
    if (absolute === null) return word
    notes.push(noteOf(value, absolute))
    return `${option}${absolute}`
  })
  return notes.length === 0 ? {text: given, notes} : {text: words.map(quoted).join(' '), notes}
}

/** The values of a new profile that may hold paths. */
export interface PathValues {
  readonly apiKeyRef?: string | undefined
  readonly mcpServerUrl?: string | undefined
  readonly mcpCommand?: string | undefined
}

/** The same with absolute paths, and what was changed. */
export function absoluteValues(
  given: PathValues,
  base: PathBase,
): {readonly values: PathValues; readonly notes: readonly string[]} {
  const notes: string[] = []
  const read = (text: string | undefined, make: typeof absoluteReference): string | undefined => {
    if (text === undefined) return undefined
    const value = make(text, base)
    notes.push(...value.notes)
    return value.text
  }
  const values = {
    apiKeyRef: read(given.apiKeyRef, absoluteReference),
    mcpServerUrl: read(given.mcpServerUrl, absoluteReference),
    mcpCommand: read(given.mcpCommand, absoluteCommand),
  }
  return {values, notes}
}

/** The absolute path of a word that names a file of this machine by a relative path, or null. */
function existing(
  word: string,
  {base, plainWord, isProgram}: {base: PathBase; plainWord: boolean; isProgram: boolean},
): string | null {
  if (word.startsWith('-') || isAbsolute(word) || /^[a-z][a-z0-9+.-]*:\/\//i.test(word)) return null
  const hasSlash = /[/\\]/.test(word)
  // A program without a slash is looked up on the PATH, and a bare word is rather a subcommand than a file.
  if (isProgram ? !hasSlash : !plainWord && !hasSlash && !word.includes('.')) return null
  const path = absolutePath(word, base)
  const found = statSync(path, {throwIfNoEntry: false})
  // A folder has to look like a path: `@scope/package` may lie here, too.
  const isFolder = found?.isDirectory() === true && /^(?:\.{1,2}|~)(?:[/\\]|$)|[/\\]$/.test(word)
  return path !== word && (found?.isFile() === true || isFolder) ? path : null
}

function absolutePath(path: string, {cwd, env}: PathBase): string {
  const home = expandHome(path, env.HOME?.trim() ?? '')
  return home.ok ? resolve(cwd, home.value) : path
}

const noteOf = (path: string, absolute: string): string => `${path} is saved as ${absolute}`

/** A word that `splitArgv` reads back as it is. */
const quoted = (word: string): string => (/^[^\s'"\\]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
