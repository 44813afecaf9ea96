// The lines of a TOML text and the tables that they belong to, so that one table can be taken out and every other byte
// stays. Text that only looks like a header, inside a string or an array, is not one.

/** A line with its line break. */
export interface TomlLine {
  readonly text: string
  /** Inside the brackets of a table header; null for any other line. */
  readonly header: string | null
  /** True for blank lines and comments outside of values. */
  readonly idle: boolean
}

/** Splits a text into lines; joining their `text` gives it back. */
export function tomlLines(text: string): TomlLine[] {
  let open: Open = {quote: null, depth: 0}
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    const outside = open.quote === null && open.depth === 0
    const header = outside ? headerOf(line) : null
    if (header === null) open = after(line, open)
    return {text: line, header, idle: outside && /^(?:#|$)/.test(line.trim())}
  })
}

interface Open {
  /** The three quotes of a string that goes on. */
  readonly quote: '"""' | "'''" | null
  /** Brackets of an array that goes on. */
  readonly depth: number
}

/** `[a."b".c] # comment` → `a."b".c`; arrays of tables keep their inner brackets. */
function headerOf(line: string): string | null {
  const found = /^\s*\[((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#\]]|\][^\s#])*\]?)\]\s*(#.*)?$/.exec(
    line.replace(/\r?\n$/, ''),
  )
  return found === null ? null : found[1]!.trim()
}

function after(line: string, {quote, depth}: Open): Open {
  let at = 0
  while (at < line.length) {
    if (quote !== null) {
      const escaped = quote === '"""' && line[at] === '\\'
      if (!escaped && line.startsWith(quote, at)) {
        // Up to two more quotes may stand in front of the closing three.
        at += 3
        while (line[at] === quote[0]) at += 1
        quote = null
      } else at += escaped ? 2 : 1
      continue
    }
    const three = line.slice(at, at + 3)
    if (three === '"""' || three === "'''") {
      quote = three
      at += 3
      continue
    }
    const char = line[at]!
    if (char === '#') break
    if (char === '"' || char === "'") at = endOfString(line, at)
    else {
      if (char === '[' || char === '{') depth += 1
      if (char === ']' || char === '}') depth -= 1
      at += 1
    }
  }
  return {quote, depth: Math.max(0, depth)}
}

/** Index behind a string on one line. */
function endOfString(line: string, start: number): number {
  const quote = line[start]!
  for (let at = start + 1; at < line.length; at += 1) {
    if (quote === '"' && line[at] === '\\') at += 1
    else if (line[at] === quote) return at + 1
  }
  return line.length
}
