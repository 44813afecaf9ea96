// Flag over environment over YAML over default, and where each value came from.

import type {FileValue, FileValues} from './file/file-value.ts'
import type {LoadInput} from './load.ts'
import {type ConfigKey, rowOf} from './rows/index.ts'
import type {ConfigRow} from './rows/row.ts'
import type {Origin} from './types.ts'

/** A single value as text. */
export interface Scalar {
  readonly text: string
  readonly origin: Origin
  /** The name that error texts of this value carry: the flag, or the variable also for YAML (as in the reference). */
  readonly name: string
}

/** A value that may be a list, still in the shape that its layer gives it. */
export type Listed =
  | {readonly layer: 'flag'; readonly values: readonly string[]; readonly origin: Origin}
  | {readonly layer: 'env'; readonly text: string; readonly origin: Origin}
  | {readonly layer: 'file'; readonly value: FileValue; readonly origin: Origin}

/** The layers above the defaults. */
export interface Layers {
  /** The winning text, or null for the default. Empty only where the row keeps empty texts. */
  scalar(key: ConfigKey): Scalar | null
  /** The winning list, or null when none was given. */
  list(key: ConfigKey): Listed | null
  /** What the command line gave under exactly this name, as text; the last value counts. */
  flag(name: string): string | undefined
  /** The value of one variable of the environment itself. */
  variable(name: string): string | undefined
  /** What a reference `env:NAME` leads to: the environment, or the YAML value that stands in for that variable. */
  referenced(name: string): string | undefined
  /** The path of the file, for origins. */
  readonly file: FileValues
  /** True when a value may stand in the file but could not be understood: nothing may be called missing then. */
  obscured(key: ConfigKey): boolean
  /** Where the value of a key came from. */
  origin(key: string): Origin
}

/** Puts the layers on top of each other. */
export function createLayers(input: Pick<LoadInput, 'flags' | 'env'>, file: FileValues): Layers {
  const origins = new Map<string, Origin>()
  const note = <T extends {readonly origin: Origin}>(key: string, found: T | null): T | null => {
    origins.set(key, found?.origin ?? {layer: 'default'})
    return found
  }
  const flagOf = (row: ConfigRow): {name: string; value: string | readonly string[] | boolean} | null => {
    for (const name of [row.flag, ...row.flagAliases]) {
      const value = input.flags[name]
      if (value !== undefined) return {name, value}
    }
    return null
  }
  const fileText = (key: string): Scalar | null => {
    const value = file.values.get(key)
    if (value?.shape !== 'scalar') return null
    const env = rowOf(key as ConfigKey).env[0]!
    return {text: value.text, origin: {layer: 'file', path: file.path, line: value.line}, name: env}
  }
  const textOf = (value: string | readonly string[] | boolean): string =>
    Array.isArray(value) ? String(value.at(-1) ?? '') : String(value)
  const variable = (name: string): string | undefined => input.env[name]

  const scalar = (key: ConfigKey): Scalar | null => {
    const row = rowOf(key)
    const flag = flagOf(row)
    if (flag !== null) {
      const text = textOf(flag.value)
      const given: Scalar = {text, origin: {layer: 'flag', name: flag.name}, name: row.flag}
      if (text !== '' || row.emptyFlag === 'error' || !isText(row)) return given
      if (row.emptyFlag === 'hides') return null
    }
    const [env = '', ...later] = row.env
    const direct = variable(env)
    const below: Scalar | null =
      direct === undefined ? fileText(key) : {text: direct, origin: {layer: 'env', name: env}, name: env}
    if (below !== null) return below.text !== '' || row.emptyEnv === 'kept' ? below : null
    for (const name of later) {
      const text = variable(name)
      if (text !== undefined) return {text, origin: {layer: 'env', name}, name}
    }
    return null
  }

  const list = (key: ConfigKey): Listed | null => {
    const row = rowOf(key)
    const flag = flagOf(row)
    if (flag !== null) {
      const values = Array.isArray(flag.value) ? (flag.value as readonly string[]) : [String(flag.value)]
      // the reference's flag parser takes one empty value for an empty list
      const none = values.length === 1 && values[0] === ''
      return {layer: 'flag', values: none ? [] : values, origin: {layer: 'flag', name: flag.name}}
    }
    const env = row.env[0]!
    const text = variable(env)
    if (text !== undefined) {
      return text !== '' || row.emptyEnv === 'kept' ? {layer: 'env', text, origin: {layer: 'env', name: env}} : null
    }
    const value = file.values.get(key)
    if (value === undefined || value.shape === 'broken') return null
    return {layer: 'file', value, origin: {layer: 'file', path: file.path, line: value.line}}
  }

  return {
    scalar: (key) => note(key, scalar(key)),
    list: (key) => note(key, list(key)),
    flag: (name) => {
      const value = input.flags[name]
      return value === undefined ? undefined : textOf(value)
    },
    variable,
    referenced: (name) => {
      const direct = variable(name)
      if (direct !== undefined) return direct
      const key = [...file.values.keys()].find((candidate) => {
        const value = file.values.get(candidate)
        return value?.shape === 'scalar' && rowOf(candidate as ConfigKey).env[0] === name
      })
      const text = key === undefined ? undefined : fileText(key)?.text
      // `api_key: env:CONTROL_PLANE_API_KEY` stands in for nothing: it asks for the variable itself.
      return text !== undefined && /^\s*env:/i.test(text) ? undefined : text
    },
    file,
    obscured: (key) => !file.complete || file.values.get(key)?.shape === 'broken',
    origin: (key) => origins.get(key) ?? {layer: 'default'},
  }
}

/** Numbers, durations and booleans are parsed by the flag parser of the reference, where empty is an error. */
function isText(row: ConfigRow): boolean {
  return row.kind !== 'int' && row.kind !== 'duration' && row.kind !== 'bool'
}
