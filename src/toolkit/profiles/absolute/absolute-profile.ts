// The text of a profile that was written elsewhere: relative paths in it began at the folder that it was run from.

import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import {rewriteValues} from '../../../foundation/config/index.ts'
import {decodeText} from '../../../foundation/platform/index.ts'
import {absoluteCommand, absoluteReference, type PathBase} from './absolute-values.ts'

/** A profile with absolute paths; the bytes are untouched when nothing had to be changed. */
export interface AbsoluteProfile {
  readonly data: string | Uint8Array
  readonly notes: readonly string[]
}

/** Makes paths absolute. `beside`: the folder of the source file, where a path begins that leads nowhere from `cwd`. */
export async function absoluteProfile(
  data: string | Uint8Array,
  {beside, ...base}: PathBase & {readonly beside?: string},
): Promise<AbsoluteProfile> {
  const content = typeof data === 'string' ? ({ok: true, text: data} as const) : decodeText(data)
  if (!content.ok) return {data, notes: []}
  const notes: string[] = []
  const baseOf = (value: string): PathBase => {
    const path = value.replace(/^\s*file:/i, '').trim()
    const elsewhere = beside !== undefined && !existsSync(resolve(base.cwd, path)) && existsSync(resolve(beside, path))
    return elsewhere ? {...base, cwd: beside} : base
  }
  const text = await rewriteValues(content.text, (key, value) => {
    const made = (key === 'mcp.commands.command' ? absoluteCommand : absoluteReference)(value, baseOf(value))
    notes.push(...made.notes)
    return made.text
  })
  return notes.length === 0 ? {data, notes} : {data: text, notes}
}
