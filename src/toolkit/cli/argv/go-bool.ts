// Go's spelling of booleans, because `--flag=false` of existing scripts has to mean what it meant.

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** The value of a Go boolean literal; undefined when it is none. */
export function goBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true
  return FALSE.has(text) ? false : undefined
}
