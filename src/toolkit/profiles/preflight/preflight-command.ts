// Looks at a command line without running it: the program, and what shells, interpreters and env would start next.

import {basename} from 'node:path'
import {splitArgv} from '../../../foundation/platform/index.ts'
import {checkExecutable, checkScript, type Preflight, type PreflightWorld, refuse} from './executable.ts'

const MOST_DEPTH = 4
const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh'])

/** Options of an interpreter that end the search for a script, and options that take the next word. */
interface Interpreter {
  readonly inline: readonly string[]
  readonly valued: readonly string[]
}

const PYTHON: Interpreter = {inline: ['-m', '-c'], valued: []}
const INTERPRETERS: Readonly<Record<string, Interpreter>> = {
  python: PYTHON,
  python3: PYTHON,
  node: {inline: ['-e', '--eval', '-p', '--print'], valued: ['-r', '--require', '--loader', '--import']},
  ruby: {inline: ['-e', '-E'], valued: ['-I', '-r']},
  perl: {inline: ['-e', '-E'], valued: ['-I', '-M']},
  php: {inline: ['-e', '-E', '-r'], valued: ['-c', '-d']},
  deno: {inline: ['eval'], valued: ['--config', '--import-map', '--cert']},
}

/** Looks at `argv`. Succeeds with the file that its first word stands for. */
export async function preflightCommand(argv: readonly string[], world: PreflightWorld, depth = 0): Promise<Preflight> {
  const [program] = argv
  if (program === undefined) return refuse('command is empty')
  const found = await checkExecutable(program, world)
  if (!found.ok || depth >= MOST_DEPTH) return found
  const problem = await checkWrapped(argv, world, depth)
  return problem === null ? found : refuse(problem)
}

async function checkWrapped(argv: readonly string[], world: PreflightWorld, depth: number): Promise<string | null> {
  const [program = ''] = argv
  const name = basename(program)
    .toLowerCase()
    .replace(/\.exe$/, '')
  const nested = async (words: readonly string[]): Promise<string | null> => {
    const seen = await preflightCommand(words, world, depth + 1)
    return seen.ok ? null : seen.problem
  }
  if (SHELLS.has(name)) return checkShell(argv, world, nested)
  if (name === 'env') {
    const words = behindEnv(argv.slice(1))
    return words.length === 0
      ? `stdio MCP env wrapper ${JSON.stringify(program)} does not name a command`
      : nested(words)
  }
  const interpreter = Object.hasOwn(INTERPRETERS, name) ? INTERPRETERS[name] : undefined
  // `deno run script`: the verb is no script.
  const words = name === 'deno' && argv[1] === 'run' ? argv.slice(2) : argv.slice(1)
  const script = interpreter === undefined ? null : scriptOf(words, interpreter)
  return script === null ? null : checkScript(script, world)
}

type Nested = (words: readonly string[]) => Promise<string | null>

async function checkShell(argv: readonly string[], world: PreflightWorld, nested: Nested): Promise<string | null> {
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (/^-[^-]*c/.test(word)) {
      const inner = argv[at + 1]
      if (inner === undefined) return `stdio MCP shell ${JSON.stringify(argv[0])} has no command behind ${word}`
      const words = splitArgv(inner)
      if (!words.ok) return `stdio MCP shell command ${JSON.stringify(inner)} cannot be read: ${words.problem}`
      const plain = withoutPrefixes(words.argv)
      // Builtins, pipes and variables are the shell's business.
      return plain.length === 0 || /[$`|&;<>(){}*?]/.test(inner) ? null : nested(plain)
    }
    if (word === '--') return argv[at + 1] === undefined ? null : checkScript(argv[at + 1] ?? '', world)
    if (!word.startsWith('-')) return checkScript(word, world)
  }
  return null
}

function withoutPrefixes(words: readonly string[]): readonly string[] {
  const [first] = words
  if (first === 'exec' || first === 'command' || (first !== undefined && isAssignment(first))) {
    return withoutPrefixes(words.slice(1))
  }
  return first === 'env' ? withoutPrefixes(behindEnv(words.slice(1))) : words
}

/** The command that env runs: options and assignments are skipped, `-S` splits its text. */
function behindEnv(words: readonly string[]): readonly string[] {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') return words.slice(at + 1)
    if (word === '-S' || word === '--split-string') {
      const rest = words.slice(at + 1)
      const split = rest.length === 1 ? splitArgv(rest[0] ?? '') : null
      return split === null ? rest : split.ok ? split.argv : []
    }
    if (['-u', '--unset', '-C', '--chdir'].includes(word)) at++
    else if (!word.startsWith('-') && !isAssignment(word)) return words.slice(at)
  }
  return []
}

function scriptOf(words: readonly string[], {inline, valued}: Interpreter): string | null {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') return words[at + 1] ?? null
    if (inline.some((option) => word === option || word.startsWith(`${option}=`))) return null
    if (valued.includes(word)) at++
    else if (!word.startsWith('-')) return word
  }
  return null
}

const isAssignment = (word: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*=/.test(word)
