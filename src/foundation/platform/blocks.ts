// What a presenter emits. Rooms describe what to show as plain data; only the command line knows how to draw it, so the
// same result can become coloured text, plain text for a pipe, or nothing at all when JSON was asked for.

/** A line, or the cells of a line that scripts cut at tabs. */
export type TextLine = string | readonly string[]

/** How a note is meant. */
export type Tone = 'plain' | 'ok' | 'warn' | 'fail'

/**
 * One thing to show. A renderer adds escape sequences and takes out every one that a string holds, and line breaks with
 * them: only `page` and `code` hold more than one line in a string.
 */
export type Block =
  /** A title above the next block. */
  | {readonly kind: 'heading'; readonly text: string}
  /** Running text, wrapped to the terminal. */
  | {readonly kind: 'paragraph'; readonly text: string}
  /** Lines for scripts to match. Stacks without blank lines. */
  | {readonly kind: 'text'; readonly lines: readonly TextLine[]}
  /** Lines of ours or of a file, with their tabs. Stacks without blank lines. */
  | {readonly kind: 'page'; readonly text: string}
  /** Columns aligned on blanks. */
  | {readonly kind: 'table'; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[]}
  | {readonly kind: 'list'; readonly items: readonly string[]; readonly ordered: boolean}
  /** `Key: value` lines with the values aligned. */
  | {readonly kind: 'fields'; readonly fields: readonly (readonly [key: string, value: string])[]}
  /** Something to copy, indented. */
  | {readonly kind: 'code'; readonly text: string}
  /** One line that says how it went. Stacks without blank lines. */
  | {readonly kind: 'note'; readonly tone: Tone; readonly text: string}

/** A title above the next block. */
export const heading = (text: string): Block => ({kind: 'heading', text})

/** Running text. */
export const paragraph = (text: string): Block => ({kind: 'paragraph', text})

/** One line or several, each without line breaks; a line of cells is separated by tabs. */
export const text = (lines: string | readonly TextLine[]): Block => ({
  kind: 'text',
  lines: typeof lines === 'string' ? [lines] : lines,
})

/** Lines of ours or of a file, with their tabs. No text of a remote party: its line breaks would stay. */
export const page = (lines: string): Block => ({kind: 'page', text: lines})

/** A table; every row has as many cells as there are columns. */
export const table = (columns: readonly string[], rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  columns,
  rows,
})

/** Items with dashes, or numbered. */
export const list = (items: readonly string[], {ordered = false}: {ordered?: boolean} = {}): Block => ({
  kind: 'list',
  items,
  ordered,
})

/** `Key: value` lines in the given order. */
export const fields = (pairs: readonly (readonly [key: string, value: string])[]): Block => ({
  kind: 'fields',
  fields: pairs,
})

/** A command or a snippet to copy. */
export const code = (snippet: string): Block => ({kind: 'code', text: snippet})

/** One line that says how it went. */
export const note = (line: string, tone: Tone = 'plain'): Block => ({kind: 'note', tone, text: line})
