// Text of a remote party (a tunnel service, an MCP server, another daemon) on its way to a terminal or a log. Escape
// sequences could rewrite what the operator reads, line breaks could forge lines of ours, bidi controls could reorder them.

import {goEscape} from '../../errors/index.ts'

/** Colors and weights, which programs put into their error texts: dropped, because nothing is lost. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const SGR = /\u001b\[[0-9;:]*m/g

const BLANKS = /\s+/g
const BREAK = /[\t-\r\u2028\u2029]/

/**
 * Controls (C0, DEL, C1), bidi controls, line and paragraph separators, invisible characters, unpaired surrogates. Joiners
 * stay inside of emoji and of scripts that need them, and so do the visible format characters of Arabic and Syriac.
 */
const UNSAFE =
  /(?!(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}])[\u200c\u200d]|(?<=\p{Emoji})[\ufe0e\ufe0f]|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Everything that {@link UNSAFE} can match, and a little more: most text has nothing of it. */
const SUSPECT = /[^ -~]/
/** The same for JSON, where line feeds are layout and `JSON.stringify` has escaped the other controls below the blank. */
const SUSPECT_IN_JSON = /[^\n -~]/

/**
 * One line that can neither steer a terminal nor forge a line. Blanks with a line break or tab among them become one blank,
 * colors are dropped, and every other control or invisible character is written as Go's `%q` does: `\x1b`, `\u202e`.
 */
export function printable(text: string): string {
  if (!SUSPECT.test(text)) return text
  return text
    .replaceAll(SGR, '')
    .replaceAll(BLANKS, (run) => (BREAK.test(run) ? ' ' : run))
    .replaceAll(UNSAFE, (char) => goEscape(char.codePointAt(0)!))
}

/** Several lines, of ours or of a file: each is {@link printable}, but keeps its tabs. `\r\n` counts as `\n`. */
export const printableLines = (text: string): string =>
  SUSPECT.test(text)
    ? text
        .split(/\r?\n/)
        .map((line) => line.split('\t').map(printable).join('\t'))
        .join('\n')
    : text

/** `JSON.stringify` whose output can be shown on a terminal: what is unsafe there is escaped, so that nothing is lost. */
export const printableJson = (value: unknown, indent?: number): string =>
  printableJsonText(JSON.stringify(value, null, indent) ?? 'null')

/** The same for a text that `JSON.stringify` has made. */
export function printableJsonText(json: string): string {
  if (!SUSPECT_IN_JSON.test(json)) return json
  return json.replaceAll(UNSAFE, (char) => (char === '\n' ? char : escapedUnits(char)))
}

const escapedUnits = (char: string): string =>
  char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
