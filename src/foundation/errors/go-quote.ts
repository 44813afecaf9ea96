// Go's strconv.Quote, the %q of its texts: scripts match log lines and error messages that are quoted so.

const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu
const SHORT: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

/** Text between double quotes: letters, marks, numbers, punctuation, symbols and the blank stay, the rest is escaped. */
export const goQuote = (text: string): string =>
  `"${text.replaceAll(UNPRINTABLE, (char) => SHORT[char] ?? goEscape(char.codePointAt(0)!))}"`

/** One character as `%q` escapes it: `\\x1b`, `\\u202e`, `\\U000e0041`. */
export function goEscape(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}
