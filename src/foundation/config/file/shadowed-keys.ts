// Which values of a file never count, because a variable of the environment outranks them. A profile that says one tunnel
// and a shell that says another are a surprise that somebody should hear of before `run`.

import {CONFIG_ROWS} from '../rows/index.ts'
import {trimSpace} from '../values/go-text.ts'
import type {FileValue, FileValues} from './file-value.ts'

/** A value of the file and the variable that hides it. */
export interface ShadowedKey {
  /** YAML path. */
  readonly key: string
  readonly variable: string
}

type Env = Readonly<Record<string, string | undefined>>

/** The values of `file` that `env` hides and that differ from what it says. */
export function shadowedKeys(file: FileValues, env: Env): readonly ShadowedKey[] {
  return CONFIG_ROWS.flatMap(({key, env: [variable]}) => {
    const value = file.values.get(key)
    if (variable === undefined || value === undefined) return []
    const outranks = env[variable]
    return outranks === undefined || says(value, variable, env).includes(trimSpace(outranks)) ? [] : [{key, variable}]
  })
}

/** What a value comes to, as far as that can be told without reading files; nothing for lists. */
function says(value: FileValue, variable: string, env: Env): readonly string[] {
  const texts =
    value.shape === 'scalar'
      ? [value.text]
      : value.shape === 'entries' && value.items.length === 1
        ? ['url', 'command'].flatMap((field) => value.items[0]!.fields[field]?.text ?? [])
        : []
  return texts.map((text) => {
    const [, name] = /^env:\s*(?!\s)(.*)$/i.exec(text.trim()) ?? []
    return trimSpace(name === undefined ? text : (env[name === '' ? variable : name] ?? text))
  })
}
