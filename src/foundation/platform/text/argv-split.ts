// Splits a command line into argv without a shell, by the reference's rules, so that the same text starts the same program.

/** What splitting gave: at least one word, or why there is none. */
export type SplitArgv =
  | {readonly ok: true; readonly argv: readonly [string, ...string[]]}
  | {
      readonly ok: false
      readonly problem: 'command is empty' | 'unterminated escape sequence' | 'unterminated quoted string'
    }

/**
 * Words are separated by space, tab, CR and LF. `'…'` is literal; in `"…"` and outside quotes a backslash escapes whatever
 * follows. Quoted parts may be glued to text. Nothing is expanded. Empty words vanish, quoted ones too.
 */
export function splitArgv(command: string): SplitArgv {
  const argv: string[] = []
  let word = ''
  let quote = ''
  let escaped = false
  const end = (): void => {
    if (word !== '') argv.push(word)
    word = ''
  }
  for (const char of command.trim()) {
    if (escaped) {
      word += char
      escaped = false
    } else if (char === '\\' && quote !== "'") {
      escaped = true
    } else if (quote !== '') {
      if (char === quote) quote = ''
      else word += char
    } else if (char === "'" || char === '"') {
      quote = char
    } else if (char === ' ' || char === '\t' || char === '\n' || char === '\r') {
      end()
    } else {
      word += char
    }
  }
  if (escaped) return {ok: false, problem: 'unterminated escape sequence'}
  if (quote !== '') return {ok: false, problem: 'unterminated quoted string'}
  end()
  const [program, ...rest] = argv
  return program === undefined ? {ok: false, problem: 'command is empty'} : {ok: true, argv: [program, ...rest]}
}
