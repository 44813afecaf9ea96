// What a presenter emits. Rooms describe what to show as plain data; only the command line knows how to draw it, so the
// same result can become coloured text, plain text for a pipe, or nothing at all when JSON was asked for.

/** How a note is meant. */
export type Tone = 'plain' | 'ok' | 'warn' | 'fail'

/** One thing to show. Strings hold no escape sequences; a renderer adds them. */
export type Block =
  /** A title above the next block. */
  | {readonly kind: 'heading'; readonly text: string}
  /** Running text, wrapped to the terminal. */
  | {readonly kind: 'paragraph'; readonly text: string}
  /** Text exactly as it is, line by line: output that scripts match. Stacks without blank lines. */
  | {readonly kind: 'text'; readonly text: string}
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

/** Text exactly as it is; may hold several lines. */
export const text = (exact: string): Block => ({kind: 'text', text: exact})

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
