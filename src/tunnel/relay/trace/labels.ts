// Names that a remote party chose, made fit to be kept and shown: short, on one line, and never the whole of a long message.

import {isObjectAt, isStringAt, memberOf, type RpcMessage, stringAt} from '../../../foundation/wire/index.ts'

const MOST_CHARS = 128
const MOST_ID_CHARS = 64
/** A name of this many bytes is longer than what is shown of it, whatever its characters are. */
const MOST_BYTES = 6 * MOST_CHARS

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HAS_CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** At most 128 characters; control characters and those that turn the direction of text become `?`. */
export const label = (text: string): string => shortened(text, MOST_CHARS)

/** An id token, at most 64 characters. */
export const idLabel = (token: string): string => shortened(token, MOST_ID_CHARS)

function shortened(text: string, most: number): string {
  const masked = HAS_CONTROL.test(text) ? text.replace(CONTROL, '?') : text
  if (masked.length <= most) return masked
  // Through bytes, because a slice would keep the whole text alive; half a surrogate pair becomes a replacement character.
  return Buffer.from(`${masked.slice(0, most - 1)}…`).toString()
}

/**
 * The name of the tool that a `tools/call` asks for, else null. Of several the last one counts, as it does for the server:
 * a trace that names the first would be easy to deceive.
 */
export function toolOf({method, params, raw}: RpcMessage): string | null {
  if (method !== 'tools/call' || params === null || !isObjectAt(raw, params.start)) return null
  try {
    const name = memberOf(raw, params, 'name')
    if (name === null || !isStringAt(raw, name.start)) return null
    if (name.end - name.start <= MOST_BYTES) return label(stringAt(raw, name))
    // Too long to be shown: unescaping all of it would be for nothing.
    return label(raw.toString('utf8', name.start + 1, name.start + 1 + MOST_BYTES))
  } catch {
    return null
  }
}
