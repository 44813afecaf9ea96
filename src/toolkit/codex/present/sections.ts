// The reference's way to show a report: a title with a colon, `Label: value` lines below it, nothing for empty values.

import {type Block, text} from '../../../foundation/platform/index.ts'

/** One line; null or an empty value shows nothing. */
export type SectionLine = string | readonly [label: string, value: string | boolean | undefined] | null

/** A titled section. */
export function section(title: string, lines: readonly SectionLine[]): string[] {
  const shown = lines.flatMap((line) => {
    if (line === null || typeof line === 'string') return line === null ? [] : [line]
    const [label, value] = line
    return value === undefined || value === '' ? [] : [`${label}: ${value}`]
  })
  return [`${title}:`, ...shown.map((line) => `  ${line}`)]
}

/** Sections with a blank line between them. */
export const sections = (all: readonly (readonly string[])[]): Block[] => [
  text(all.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))),
]
