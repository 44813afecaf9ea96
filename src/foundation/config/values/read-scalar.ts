// Reads numbers, durations and booleans by the kind and limits of their row, with the reference's error texts.

import {goQuote} from '../../errors/index.ts'
import {parseDuration} from '../../platform/index.ts'
import type {Layers, Scalar} from '../layers.ts'
import type {Problem, ProblemList} from '../problems.ts'
import {type ConfigKey, rowOf} from '../rows/index.ts'
import type {ConfigRow} from '../rows/row.ts'
import {type Parsed, parseBoolean, parseInteger} from './go-text.ts'

/** Reads values; after a problem the default stands in, so that the rest can be checked too. */
export interface ScalarReader {
  int(key: ConfigKey): number
  /** Milliseconds. */
  duration(key: ConfigKey): number
  bool(key: ConfigKey): boolean
  /** The text or the default; null when there is neither. */
  text(key: ConfigKey): string | null
}

/** A reader over some layers. */
export function scalarReader(layers: Layers, problems: ProblemList): ScalarReader {
  const refuse = (row: ConfigRow, {origin}: Scalar, message: string): void => {
    // texts about a YAML value carry the name of its variable, as in the reference: the next step names the key
    const name = origin.layer === 'file' ? row.key : origin.layer === 'flag' ? `--${origin.name}` : row.env[0]!
    problems.add({code: 'TC-CONFIG-VALUE', message, origin, next: [`Correct ${name}`]})
  }
  const number = (key: ConfigKey, parse: (text: string, fromFlag: boolean) => Parsed<number>): number => {
    const row = rowOf(key)
    const fallback = defaultNumber(row)
    const given = layers.scalar(key)
    if (given === null) return fallback
    const read = parse(given.text, given.origin.layer === 'flag')
    const problem = read.ok ? limitProblem(row, given, read.value) : parseProblem(row, given, read.problem)
    if (problem === null && read.ok) return read.value
    refuse(row, given, problem ?? '')
    return fallback
  }
  return {
    int: (key) => number(key, (text, fromFlag) => parseInteger(text, fromFlag ? 'ParseInt' : 'Atoi')),
    duration: (key) => number(key, milliseconds),
    bool: (key) => {
      const row = rowOf(key)
      const given = layers.scalar(key)
      const read = parseBoolean(given?.text ?? row.default ?? 'false')
      if (read.ok && read.value && row.refusedOn !== undefined) {
        problems.add(unsupported({row, given: given!, path: layers.file.path, says: row.refusedOn}))
        return false
      }
      if (read.ok) return read.value
      const message =
        given!.origin.layer === 'flag'
          ? flagProblem(row, given!, read.problem)
          : `parse ${given!.name}: ${read.problem}`
      refuse(row, given!, message)
      return row.default === 'true'
    },
    text: (key) => layers.scalar(key)?.text ?? rowOf(key).default,
  }
}

/** The sentence names the setting as the layer that gave it does; one in a file names the file, too. */
function unsupported(refused: {row: ConfigRow; given: Scalar; path: string; says: string}): Problem {
  const {row, given, path, says} = refused
  const {origin, name} = given
  const inFile = `parse config file ${path}: ${row.key}`
  const setting = origin.layer === 'file' ? inFile : origin.layer === 'flag' ? `--${origin.name}` : name
  return {code: 'TC-CONFIG-UNSUPPORTED', message: `${setting} ${says}`, origin}
}

function milliseconds(text: string): Parsed<number> {
  const read = parseDuration(text)
  return read.ok ? {ok: true, value: read.ms} : read
}

function defaultNumber(row: ConfigRow): number {
  const read = row.kind === 'duration' ? milliseconds(row.default ?? '0') : parseInteger(row.default ?? '0', 'Atoi')
  return read.ok ? read.value : 0
}

function limitProblem(row: ConfigRow, given: Scalar, value: number): string | null {
  const broken = row.limits?.find(({rule, value: bound}) => {
    if (rule === 'above') return value <= bound
    if (rule === 'at-least') return value < bound
    return rule === 'at-most' ? value > bound : value >= bound
  })
  if (broken === undefined) return null
  return `${row.named === 'layer' ? given.name : row.flag} ${broken.says}`
}

function parseProblem(row: ConfigRow, given: Scalar, problem: string): string {
  if (given.origin.layer === 'flag') return flagProblem(row, given, problem)
  if (row.named === 'flag') return `invalid ${row.flag}: ${problem}`
  if (given.text === '' && row.emptyEnv === 'kept') return `${given.name} must be greater than zero`
  return `invalid ${given.name}: ${problem}`
}

/** What the reference's flag parser says, under the spelling that was used. */
function flagProblem(row: ConfigRow, given: Scalar, problem: string): string {
  const flag = given.origin.layer === 'flag' ? given.origin.name : row.flag
  return `invalid argument ${goQuote(given.text)} for ${goQuote(`--${flag}`)} flag: ${problem}`
}
