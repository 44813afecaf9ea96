import {dirname, extname} from 'node:path'
import {expect, it} from 'vitest'
import {sourcesIn} from './sources.ts'

const all = sourcesIn('src', 'commands', 'bin', 'scripts', 'test')
const house = all.filter(({path}) => /^(src|commands)\//.test(path))

const MAX_LINES = 400
const MAX_FILES = 12
const VAGUE = /\/(utils?|helpers?|common|misc|shared|lib)(\/|\.ts$)/

it('keeps files under 400 lines', () => {
  const long = all
    .map(({path, text}) => ({path, lines: text.split('\n').length}))
    .filter(({lines}) => lines > MAX_LINES)
  expect(long, 'Split by subject').toEqual([])
})

it('keeps folders at twelve files', () => {
  const count = new Map<string, number>()
  for (const {path} of house) count.set(dirname(path), (count.get(dirname(path)) ?? 0) + 1)
  expect(
    [...count].filter(([, files]) => files > MAX_FILES),
    'Split by subject',
  ).toEqual([])
})

it('names files in kebab-case and never vaguely', () => {
  const names = all.map(({path}) => path)
  expect(names.filter((path) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([])
  expect(
    names.filter((path) => VAGUE.test(path)),
    'Name it for what it does',
  ).toEqual([])
})

it('opens every file with why it exists', () => {
  const mute = house.filter(({text}) => !/^(#!.*\n)?\/\/ \S/.test(text))
  expect(mute.map(({path}) => path)).toEqual([])
})

it('exports names, and a class only from a command', () => {
  const wrong = house.filter(({path, text}) => /^export default /m.test(text) !== path.startsWith('commands/'))
  expect(wrong.map(({path}) => path)).toEqual([])
  expect(
    house.filter(({text}) => /^export \* /m.test(text)).map(({path}) => path),
    'List the names',
  ).toEqual([])
})

it('imports sources with their extension', () => {
  const wrong = house.flatMap(({path, imports}) =>
    imports.filter((name) => name.startsWith('.') && extname(name) === '').map((name) => `${path} → ${name}`),
  )
  expect(wrong).toEqual([])
})
