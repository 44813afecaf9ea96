// Full JSON validation of what callers send, without building anything: a daemon reads many calls in one poll answer, and
// one caller's garbage must not make the others' calls unreadable.

import {BracketStack} from '../../../foundation/wire/index.ts'

/** Offset of the first byte that is no JSON (the length when it ends too early), or -1 when `buf` is one JSON text. */
export function jsonErrorAt(buf: Buffer): number {
  const open = new BracketStack()
  let i = 0
  for (;;) {
    // A value starts here.
    i = space(buf, i)
    const byte = buf[i]
    if (byte === 0x7b) {
      i = space(buf, i + 1)
      if (buf[i] !== 0x7d) {
        open.push(true)
        const at = memberName(buf, i)
        if (at < 0) return -at - 1
        i = at
        continue
      }
      i++
    } else if (byte === 0x5b) {
      i = space(buf, i + 1)
      if (buf[i] !== 0x5d) {
        open.push(false)
        continue
      }
      i++
    } else {
      const end = byte === 0x22 ? string(buf, i) : scalar(buf, i)
      if (end < 0) return -end - 1
      i = end
    }
    // A value ended here: close what closes, until another value starts.
    for (;;) {
      i = space(buf, i)
      const next = buf[i]
      if (open.depth === 0) return next === undefined ? -1 : i
      if (next === 0x2c) {
        i = space(buf, i + 1)
        if (open.top === 0x7d) {
          const at = memberName(buf, i)
          if (at < 0) return -at - 1
          i = at
        }
        break
      }
      if (next !== open.pop()) return i
      i++
    }
  }
}

/** Failures below are given as `-offset - 1`. */
const bad = (offset: number): number => -offset - 1

function space(buf: Buffer, at: number): number {
  let i = at
  for (;;) {
    const byte = buf[i]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i
    i++
  }
}

/** A member's name and colon; returns the offset after the colon. */
function memberName(buf: Buffer, at: number): number {
  if (buf[at] !== 0x22) return bad(at)
  const end = string(buf, at)
  if (end < 0) return end
  const colon = space(buf, end)
  return buf[colon] === 0x3a ? colon + 1 : bad(colon)
}

/** Strings that are shorter are walked byte by byte. */
const SHORT = 48

function string(buf: Buffer, at: number): number {
  const {length} = buf
  let byByteUntil = at + SHORT
  for (let i = at + 1; i < length; i++) {
    const byte = buf[i]!
    if (byte === 0x22) return i + 1
    if (byte < 0x20) return bad(i)
    if (byte === 0x5c) {
      i++
      const escaped = buf[i]
      if (escaped === 0x75) {
        for (let digit = 0; digit < 4; digit++) if (!isHex(buf[++i])) return bad(i)
      } else if (escaped === undefined || !ESCAPES.has(escaped)) {
        return bad(i)
      }
      // Text with one escape mostly has more of them soon.
      byByteUntil = i + SHORT
    } else if (i >= byByteUntil) {
      i = plainUntil(buf, i) - 1
    }
  }
  return bad(length)
}

/** First offset at or after `at` that is no plain character of a string: a quote, a backslash, a control character. */
function plainUntil(buf: Buffer, at: number): number {
  const quote = buf.indexOf(0x22, at)
  const end = quote < 0 ? buf.length : quote
  const slash = buf.subarray(at, end).indexOf(0x5c)
  return controlIn(buf, at, slash < 0 ? end : at + slash)
}

/** First control character in a stretch, else its end: 32 bytes are looked at together. */
function controlIn(buf: Buffer, from: number, end: number): number {
  const {buffer, byteOffset} = buf
  let i = from
  for (const aligned = Math.min(end, from + (-(byteOffset + from) & 3)); i < aligned; i++) if (buf[i]! < 0x20) return i
  if (end - i < 4) return plainByByte(buf, i, end)
  const words = new Int32Array(buffer, byteOffset + i, (end - i) >> 2)
  const blocks = words.length & ~7
  for (let w = 0; w < blocks; w += 8, i += 32) {
    const below =
      below32(words[w]!) |
      below32(words[w + 1]!) |
      below32(words[w + 2]!) |
      below32(words[w + 3]!) |
      below32(words[w + 4]!) |
      below32(words[w + 5]!) |
      below32(words[w + 6]!) |
      below32(words[w + 7]!)
    if ((below & 0x80808080) !== 0) break
  }
  return plainByByte(buf, i, end)
}

function plainByByte(buf: Buffer, from: number, end: number): number {
  let i = from
  while (i < end && buf[i]! >= 0x20) i++
  return i
}

/** The high bit of each byte below 0x20 is set (and of some beside one: a hint where to look, no proof). */
const below32 = (word: number): number => (word - 0x20202020) & ~word

const ESCAPES: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)))

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

const isHex = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)

const WORDS = ['true', 'false', 'null']

function scalar(buf: Buffer, at: number): number {
  for (const word of WORDS) {
    if (buf[at] === word.charCodeAt(0)) {
      return buf.toString('latin1', at, at + word.length) === word ? at + word.length : bad(at)
    }
  }
  let i = buf[at] === 0x2d ? at + 1 : at
  if (buf[i] === 0x30) i++
  else if (isDigit(buf[i])) i = digits(buf, i)
  else return bad(i)
  if (buf[i] === 0x2e) {
    if (!isDigit(buf[i + 1])) return bad(i + 1)
    i = digits(buf, i + 1)
  }
  if (buf[i] === 0x65 || buf[i] === 0x45) {
    i++
    if (buf[i] === 0x2b || buf[i] === 0x2d) i++
    if (!isDigit(buf[i])) return bad(i)
    i = digits(buf, i)
  }
  return i
}

function digits(buf: Buffer, at: number): number {
  let i = at
  while (isDigit(buf[i])) i++
  return i
}
