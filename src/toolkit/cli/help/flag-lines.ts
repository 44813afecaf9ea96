// The flag part of a help page: aligned in two columns, long names on a line of their own.

import type {FlagHelp} from './help-shape.ts'

const NAME_WIDTH = 26

/** Lines for flags in alphabetical order; hidden ones are left out. `columns` is the width to wrap at. */
export function flagLines(flags: readonly FlagHelp[], columns: number): string[] {
  return flags
    .filter(({hidden}) => !hidden)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((flag) =>
      columnsOf(`  --${flag.allowNo ? '[no-]' : ''}${flag.name}${placeholder(flag)}`, textOf(flag), columns),
    )
}

/** One entry in two columns; the text hangs below a name that is too long for its column. */
export function columnsOf(name: string, text: string, columns: number): string[] {
  const indent = ' '.repeat(NAME_WIDTH + 2)
  const wrapped = wrapWords(text, Math.max(30, columns - indent.length))
  if (name.length > NAME_WIDTH) return [name, ...wrapped.map((line) => indent + line)]
  return wrapped.map((line, at) => (at === 0 ? `${name.padEnd(NAME_WIDTH)}  ` : indent) + line)
}

function placeholder({type, options, helpValue}: FlagHelp): string {
  if (type === 'boolean') return ''
  return ` ${helpValue ?? options?.join('|') ?? '<value>'}`
}

function textOf({summary = '', multiple, required, default: preset}: FlagHelp): string {
  const remarks = [
    ...(required ? ['required'] : []),
    ...(multiple ? ['repeatable'] : []),
    ...(typeof preset === 'string' && preset !== '' ? [`default ${preset}`] : []),
    ...(typeof preset === 'number' ? [`default ${preset}`] : []),
  ]
  return remarks.length === 0 ? summary : `${summary} (${remarks.join(', ')})`
}

function wrapWords(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
