// Shorthands that spell out what most rows have in common, so that a row says only what is special about it.

import type {ConfigRow, YamlShape} from './row.ts'

type Given<K extends string> = Pick<ConfigRow, 'flag' | 'summary'> &
  Partial<Omit<ConfigRow, 'key' | 'env'>> & {readonly key: K; readonly env: string | readonly string[]}

/** A row with its own literal key, so that a misspelt key does not compile. */
export type Row<K extends string> = ConfigRow & {readonly key: K}

const SHAPES: Partial<Record<ConfigRow['kind'], YamlShape>> = {
  int: 'int',
  bool: 'bool',
  headers: 'string-map',
  channels: 'string-list',
  'http-entries': 'entry-list',
  'stdio-entries': 'entry-list',
}

const HINTS: Record<ConfigRow['kind'], string> = {
  text: '<text>',
  path: '<path>',
  url: '<url>',
  secret: '<env:NAME|file:PATH>',
  duration: '<duration>',
  int: '<n>',
  bool: '',
  enum: '<name>',
  headers: "<'Key: Value'>",
  channels: '<channel>',
  'http-entries': '<entry>',
  'stdio-entries': '<entry>',
}

/** Completes a row. */
export function row<const K extends string>(given: Given<K>): Row<K> {
  const kind = given.kind ?? 'text'
  return {
    flagAliases: [],
    yaml: SHAPES[kind] ?? 'string',
    repeat: false,
    default: null,
    references: 'none',
    secret: false,
    hint: HINTS[kind],
    ...given,
    kind,
    env: typeof given.env === 'string' ? [given.env] : given.env,
  }
}

/** The hidden spelling of a flag with dashes instead of dots. */
export const dashed = (flag: string): readonly string[] => [flag.replaceAll('.', '-')]
