// Finds shell syntax in a command line that no shell reads. Without this check `node a | tee log` starts node with three
// more arguments, and `FOO=1 node x` reports a program that is not installed.

/** What a shell would have done with the line, and what to write instead. */
export interface ShellSyntax {
  /** Continues the sentence "the command …". */
  readonly problem: string
  /** One action. */
  readonly next: string
  /** False: it may be meant as an argument. */
  readonly certain: boolean
}

/** A word, once with all its text, once with quoted characters blanked, once with only single-quoted ones blanked. */
interface Word {
  readonly text: string
  readonly bare: string
  readonly live: string
}

const BLANK = '\0'
const BUILTIN = /^(?:cd|export|source|\.|exec|set|unset|ulimit|umask|alias|eval|pushd|trap)$/
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/
const SECRET_NAME = /key|token|secret|passw|credential|auth/i
const OPERATOR = /^(?:&&|\|\||\|&?|;;?|&)$/
const GLUED = /&&|\|\||;$/
const REDIRECTION = /^(?:\d*(?:<<?<?|>>?)|&>>?)/
const PLACEHOLDER = /^<[\w .-]+>$/
const SUBSTITUTION = /\$\(|`/
const VARIABLE = /\$(?:[A-Za-z_]\w{0,63}|\{[A-Za-z_][^{}]{0,63}\})/
const TILDE = /^~(?:$|[\w.-]*\/)/
/** `[redacted]` stands where a command that is shown had a secret. */
const GLOB = /[*?]|\[(?!redacted\])[^[\]]{1,63}\]/
const NO_GLOB = /:\/\/|^[[{]|^--?\w[\w-]*=/
const SHELL = /(?:^|[/\\])(?:sh|bash|dash|zsh|ksh|fish|cmd|powershell|pwsh)(?:\.exe)?$/i

/** The first syntax that is certain, else the first that is not; null when a shell would take the line as it is. */
export function shellSyntax(command: string): ShellSyntax | null {
  const words = wordsOf(command.trim())
  const [program, ...args] = words
  if (program === undefined) return null
  const inner = words.findIndex(({text}) => SHELL.test(text))
  const scripted = inner !== -1 && words.slice(inner + 1).some(({text}) => /^[-/][A-Za-z]*c(?:ommand)?$/i.test(text))
  const written = `Write ${inShell(command)}, or put the command into a script`
  const literal = `${written}; put single quotes around what is an argument`
  const found = (problem: string, next = written): ShellSyntax => ({problem, next, certain: true})

  const assigned = ASSIGNMENT.exec(program.bare)?.[1]
  if (assigned !== undefined) return found(`starts with the assignment ${assigned}=`, `Write env ${assignments(words)}`)
  if (program.bare === 'cd' || program.bare === 'pushd') {
    return found(
      `starts with ${program.bare}, which only a shell knows`,
      `Start tunnel-client in that folder, or write ${inShell(command)}`,
    )
  }
  if (BUILTIN.test(program.bare)) return found(`starts with ${program.bare}, which only a shell knows`)
  for (const {bare, text} of words) {
    if (PLACEHOLDER.test(bare)) return found(`still has the placeholder ${text}`, `Replace ${text} with its value`)
    const operator = OPERATOR.exec(bare)?.[0] ?? GLUED.exec(bare)?.[0]
    if (operator !== undefined) return found(`has ${operator}, which would become an argument`, literal)
    const redirection = REDIRECTION.exec(bare)?.[0]
    if (redirection !== undefined) return found(`has ${redirection}, which would become an argument`, literal)
  }
  if (scripted) return null
  const substituted = words.find(({live}) => SUBSTITUTION.test(live))
  if (substituted !== undefined) {
    return found(
      `has ${SUBSTITUTION.exec(substituted.live)![0] === '`' ? 'backticks' : '$(…)'}, which stay as text`,
      literal,
    )
  }
  if (VARIABLE.test(program.live))
    return found(`starts with a variable, ${VARIABLE.exec(program.live)![0]}, which stays as text`)
  if (TILDE.test(program.bare))
    return found('starts with ~, which stays as text', 'Write the home folder as an absolute path')
  if (GLOB.test(program.bare)) return found('starts with a pattern, which stays as text')
  return doubtOf(args, written)
}

function doubtOf(args: readonly Word[], written: string): ShellSyntax | null {
  const doubt = (problem: string): ShellSyntax => ({
    problem,
    next: `If the server does not read it so: ${written[0]!.toLowerCase()}${written.slice(1)}`,
    certain: false,
  })
  for (const {text, bare, live} of args) {
    const variable = VARIABLE.exec(live)?.[0]
    if (variable !== undefined) return doubt(`passes ${variable} as text`)
    if (TILDE.test(bare)) return doubt(`passes ${text} with ~ as text`)
    if (!NO_GLOB.test(bare) && GLOB.test(bare)) return doubt(`passes the pattern ${text} as text`)
    if (/[|>]|&$/.test(bare) && !bare.includes('://')) return doubt(`passes ${text} as one argument`)
  }
  return null
}

/** Values of variables that may be secrets are not repeated. */
function assignments(words: readonly Word[]): string {
  let leading = true
  const shown = words.map(({text, bare}) => {
    const name: string | undefined = leading ? ASSIGNMENT.exec(bare)?.[1] : undefined
    leading = name !== undefined
    if (name !== undefined && SECRET_NAME.test(name)) return `${name}=…`
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text}'`
  })
  return shown.join(' ')
}

const inShell = (command: string): string => (/['\n\r]/.test(command) ? "sh -c '…'" : `sh -c '${command.trim()}'`)

/** Splits as `splitArgv` does, and keeps what was quoted. A line that does not split has no words. */
function wordsOf(command: string): Word[] {
  const words: Word[] = []
  let word: Word | null = null
  let quote = ''
  let escaped = false
  const add = (char: string, how: 'bare' | 'double' | 'single'): void => {
    const {text = '', bare = '', live = ''} = word ?? {}
    word = {
      text: text + char,
      bare: bare + (how === 'bare' ? char : BLANK),
      live: live + (how === 'single' ? BLANK : char),
    }
  }
  for (const char of command) {
    if (escaped) {
      add(char, 'single')
      escaped = false
    } else if (char === '\\' && quote !== "'") escaped = true
    else if (quote !== '') {
      if (char === quote) quote = ''
      else add(char, quote === '"' ? 'double' : 'single')
    } else if (char === "'" || char === '"') quote = char
    else if (/[ \t\n\r]/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else add(char, 'bare')
  }
  if (escaped || quote !== '') return []
  return word === null ? words : [...words, word]
}
