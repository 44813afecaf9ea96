// Blocks → text. Pure: the same blocks give the same bytes, and a pipe gets neither colour nor wrapping. Strings of blocks may
// come from remote parties: each is made printable on its own, before style and line breaks of ours are added.

import {type Block, printable, printableLines} from '../../../foundation/platform/index.ts'
import type {Style} from './style.ts'

/** How to draw. */
export interface RenderOptions {
  readonly style: Style
  /** Wrap running text to this width; undefined leaves every paragraph on one line. */
  readonly columns?: number | undefined
}

const STACKING = new Set<Block['kind']>(['text', 'page', 'note'])

/** Draws blocks, each line ended by a line break. A blank line separates blocks, save stacking ones and below a heading. */
export function render(blocks: readonly Block[], options: RenderOptions): string {
  let out = ''
  let last: Block | undefined
  for (const block of blocks) {
    const tight = !last || last.kind === 'heading' || (STACKING.has(last.kind) && STACKING.has(block.kind))
    out += `${tight ? '' : '\n'}${draw(block, options)}`
    last = block
  }
  return out
}

function draw(block: Block, {style, columns}: RenderOptions): string {
  switch (block.kind) {
    case 'heading':
      return lines([style.bold(printable(block.text))])
    case 'paragraph':
      return lines(wrap(printable(block.text), columns))
    case 'text':
      return lines(block.lines.map((line) => (typeof line === 'string' ? [line] : line).map(printable).join('\t')))
    case 'page':
      return lines([printableLines(block.text.replace(/\n$/, ''))])
    case 'code':
      return lines(
        printableLines(block.text)
          .split('\n')
          .map((line) => (line === '' ? '' : `    ${line}`)),
      )
    case 'note':
      return lines([style.tone(block.tone, printable(block.text))])
    case 'list':
      return lines(
        block.items.flatMap((item, at) => hang(block.ordered ? `  ${at + 1}. ` : '  - ', printable(item), columns)),
      )
    case 'fields': {
      const pairs = block.fields.map(([key, value]) => [printable(key), printable(value)] as const)
      const width = Math.max(0, ...pairs.map(([key]) => key.length))
      return lines(pairs.map(([key, value]) => `${`${key}:`.padEnd(width + 1)} ${value}`))
    }
    case 'table':
      return drawTable(block, style)
  }
}

function drawTable({columns, rows: given}: Extract<Block, {kind: 'table'}>, style: Style): string {
  const rows = given.map((row) => row.map(printable))
  const widths = columns.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)))
  const drawRow = (cells: readonly string[]): string =>
    widths
      .map((width, at) => (cells[at] ?? '').padEnd(width))
      .join('  ')
      .trimEnd()
  return lines([style.dim(drawRow(columns)), ...rows.map(drawRow)])
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

function hang(lead: string, text: string, columns: number | undefined): string[] {
  const wrapped = wrap(text, columns === undefined ? undefined : columns - lead.length)
  return wrapped.map((line, at) => (at === 0 ? lead : ' '.repeat(lead.length)) + line)
}

/** Breaks text at blanks; words longer than the width stay whole, so that URLs can be copied. */
function wrap(text: string, columns: number | undefined): string[] {
  if (columns === undefined) return [text]
  const out: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      out.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...out, line]
}
