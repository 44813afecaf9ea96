// Finds the byte spans of JSON values without parsing them, because payloads must cross unchanged (design law 1).
// It checks what keeps an envelope closed: strings end, brackets match, keys are strings, one value per member.
// It does not validate every nested token; a payload that is garbage inside stays the sender's garbage.

import {BracketStack} from './bracket-stack.ts'

/** Byte offsets into a buffer; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The bytes are not JSON; `offset` tells where that was noticed. */
export class JsonScanError extends Error {
  override readonly name = 'JsonScanError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(`${message} at byte ${offset}`)
    this.offset = offset
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const COLON = 0x3a
/** Strings shorter than this are walked byte by byte; longer ones by indexOf, which is many times faster. */
const SHORT_STRING = 48
const PRIMITIVE = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** First offset at or after `at` that is not JSON white space. */
export function skipSpace(buf: Buffer, at: number): number {
  let i = at
  for (;;) {
    const byte = buf[i]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i
    i++
  }
}

/** `at` is an opening quote; returns the offset after the closing one. */
export function skipString(buf: Buffer, at: number): number {
  let i = at + 1
  for (;;) {
    for (const limit = i + SHORT_STRING; i < limit; ) {
      const byte = buf[i]
      if (byte === QUOTE) return i + 1
      if (byte === BACKSLASH) {
        i += 2
        continue
      }
      if (byte === undefined) throw new JsonScanError('unterminated string', at)
      if (byte < 0x20) throw new JsonScanError('control character in a string', i)
      i++
    }
    const from = i
    i = buf.indexOf(QUOTE, from)
    if (i < 0) throw new JsonScanError('unterminated string', at)
    let slashes = 0
    while (i - 1 - slashes >= from && buf[i - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return i + 1
    i++
  }
}

function skipPrimitive(buf: Buffer, at: number): number {
  let i = at
  for (;;) {
    const byte = buf[i]
    if (
      byte === undefined ||
      byte <= 0x20 ||
      byte === COMMA ||
      byte === CLOSE_BRACE ||
      byte === CLOSE_BRACKET ||
      byte === COLON
    ) {
      break
    }
    i++
  }
  if (!PRIMITIVE.test(buf.toString('latin1', at, i))) throw new JsonScanError('unexpected token', at)
  return i
}

/** `at` is the first byte of a value; returns the offset after its last. Brackets must match in kind. */
export function skipValue(buf: Buffer, at: number): number {
  const first = buf[at]
  if (first === QUOTE) return skipString(buf, at)
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipPrimitive(buf, at)
  const open = new BracketStack()
  let i = at
  for (;;) {
    const byte = buf[i]
    if (byte === QUOTE) {
      i = skipString(buf, i)
      continue
    }
    if (byte === OPEN_BRACE) open.push(true)
    else if (byte === OPEN_BRACKET) open.push(false)
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (open.pop() !== byte) throw new JsonScanError('brackets do not match', i)
      if (open.depth === 0) return i + 1
    } else if (byte === undefined) throw new JsonScanError('unterminated value', at)
    i++
  }
}

/** The unescaped text of the string token at `[start, end)`, quotes included in the span. */
export function stringAt(buf: Buffer, span: Span): string {
  const body = buf.toString('utf8', span.start + 1, span.end - 1)
  if (!body.includes('\\')) return body
  try {
    return JSON.parse(`"${body}"`) as string
  } catch {
    throw new JsonScanError('bad escape in a string', span.start)
  }
}

/**
 * Walks the members of the object that opens at `at` (its `{`): `step` gets the unescaped key and the offset of the value,
 * and returns the offset after it. Returns the offset after the `}`. For callers that want what came before a broken end.
 */
export function walkObject(buf: Buffer, at: number, step: (key: string, start: number) => number): number {
  if (buf[at] !== OPEN_BRACE) throw new JsonScanError('an object was expected', at)
  let i = skipSpace(buf, at + 1)
  if (buf[i] === CLOSE_BRACE) return i + 1
  for (;;) {
    if (buf[i] !== QUOTE) throw new JsonScanError('a member name was expected', i)
    const keyEnd = skipString(buf, i)
    const key = stringAt(buf, {start: i, end: keyEnd})
    i = skipSpace(buf, keyEnd)
    if (buf[i] !== COLON) throw new JsonScanError('a colon was expected', i)
    i = skipSpace(buf, step(key, skipSpace(buf, i + 1)))
    if (buf[i] === CLOSE_BRACE) return i + 1
    if (buf[i] !== COMMA) throw new JsonScanError('a comma was expected', i)
    i = skipSpace(buf, i + 1)
  }
}

/** Walks the elements of the array that opens at `at` (its `[`), like {@link walkObject}. */
export function walkArray(buf: Buffer, at: number, step: (start: number) => number): number {
  if (buf[at] !== OPEN_BRACKET) throw new JsonScanError('an array was expected', at)
  let i = skipSpace(buf, at + 1)
  if (buf[i] === CLOSE_BRACKET) return i + 1
  for (;;) {
    i = skipSpace(buf, step(i))
    if (buf[i] === CLOSE_BRACKET) return i + 1
    if (buf[i] !== COMMA) throw new JsonScanError('a comma was expected', i)
    i = skipSpace(buf, i + 1)
  }
}

/**
 * Visits the members of the object that opens at `at` (its `{`), with the unescaped key and the span of the value.
 * Returns the offset after its `}`.
 */
export function scanObject(buf: Buffer, at: number, visit: (key: string, value: Span) => void): number {
  return walkObject(buf, at, (key, start) => {
    const end = skipValue(buf, start)
    visit(key, {start, end})
    return end
  })
}

/** Visits the elements of the array that opens at `at` (its `[`). Returns the offset after its `]`. */
export function scanArray(buf: Buffer, at: number, visit: (value: Span) => void): number {
  return walkArray(buf, at, (start) => {
    const end = skipValue(buf, start)
    visit({start, end})
    return end
  })
}

/** The span of the one value that `buf` holds, surrounding white space excluded; trailing bytes are refused. */
export function soleValue(buf: Buffer): Span {
  const start = skipSpace(buf, 0)
  const end = skipValue(buf, start)
  const rest = skipSpace(buf, end)
  if (rest !== buf.length) throw new JsonScanError('bytes after the value', rest)
  return {start, end}
}

/** True when the value that starts at `at` is an object. */
export const isObjectAt = (buf: Buffer, at: number): boolean => buf[at] === OPEN_BRACE

/** True when the value that starts at `at` is an array. */
export const isArrayAt = (buf: Buffer, at: number): boolean => buf[at] === OPEN_BRACKET

/** True when the value that starts at `at` is a string. */
export const isStringAt = (buf: Buffer, at: number): boolean => buf[at] === QUOTE

/** The value of the last member called `key` of the object at `object`, or null. */
export function memberOf(buf: Buffer, object: Span, key: string): Span | null {
  let found: Span | null = null
  scanObject(buf, object.start, (name, value) => {
    if (name === key) found = value
  })
  return found
}
