// Blocks → text. Pure: the same blocks give the same bytes, and a pipe gets neither colour nor wrapping.

import {stripVTControlCharacters} from 'node:util'
import type {Block} from '../../../foundation/platform/index.ts'
import type {Style} from './style.ts'

/** How to draw. */
export interface RenderOptions {
  readonly style: Style
  /** Wrap running text to this width; undefined leaves every paragraph on one line. */
  readonly columns?: number | undefined
}

const STACKING = new Set<Block['kind']>(['text', 'note'])

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
      return lines([style.bold(block.text)])
    case 'paragraph':
      return lines(wrap(block.text, columns))
    case 'text':
      return lines([block.text.replace(/\n$/, '')])
    case 'code':
      return lines(block.text.split('\n').map((line) => (line === '' ? '' : `    ${line}`)))
    case 'note':
      return lines([style.tone(block.tone, block.text)])
    case 'list':
      return lines(block.items.flatMap((item, at) => hang(block.ordered ? `  ${at + 1}. ` : '  - ', item, columns)))
    case 'fields': {
      const width = Math.max(0, ...block.fields.map(([key]) => key.length))
      return lines(block.fields.map(([key, value]) => `${`${key}:`.padEnd(width + 1)} ${value}`))
    }
    case 'table':
      return drawTable(block, style)
  }
}

function drawTable({columns, rows}: Extract<Block, {kind: 'table'}>, style: Style): string {
  const widths = columns.map((title, at) => Math.max(title.length, ...rows.map((row) => visible(row[at] ?? '').length)))
  const drawRow = (cells: readonly string[]): string =>
    widths
      .map((width, at) => (cells[at] ?? '') + ' '.repeat(width - visible(cells[at] ?? '').length))
      .join('  ')
      .trimEnd()
  return lines([style.dim(drawRow(columns)), ...rows.map(drawRow)])
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

const visible = (text: string): string => stripVTControlCharacters(text)

function hang(lead: string, text: string, columns: number | undefined): string[] {
  const wrapped = wrap(text, columns === undefined ? undefined : columns - lead.length)
  return wrapped.map((line, at) => (at === 0 ? lead : ' '.repeat(lead.length)) + line)
}

/** Breaks text at blanks; words longer than the width stay whole, so that URLs can be copied. */
function wrap(text: string, columns: number | undefined): string[] {
  if (columns === undefined) return text.split('\n')
  return text.split('\n').flatMap((paragraph) => {
    const out: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        out.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...out, line]
  })
}
