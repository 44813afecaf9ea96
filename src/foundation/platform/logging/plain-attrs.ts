// Attributes as plain, bounded data without credentials. Peers choose what some of them hold: a record must stay small
// whatever their depth, number and length.

import {messageOf} from '../../errors/index.ts'
import {REDACTED} from '../redaction/known-values.ts'
import {isSensitiveKey, MAX_TEXT, scrub} from '../redaction/scrub.ts'
import type {LogAttrs} from './log.ts'

const MAX_DEPTH = 8
const MAX_ITEMS = 64
const MAX_KEY = 128
/** What a member costs beyond its text. */
const MEMBER_COST = 8
/** Stands for what was left out. */
const MORE = '…'

/** How much of a record is left to fill, in characters. */
interface Room {
  left: number
}

/** The attributes as one object that JSON can hold, of about `characters` at most. What comes last is left out first. */
export function plainAttrs(all: readonly LogAttrs[], characters: number): Record<string, unknown> {
  const room = {left: characters}
  const copy: Record<string, unknown> = {}
  for (const attrs of all) copyMembers(attrs, copy, room, 0)
  return copy
}

function copyMembers(data: object, copy: Record<string, unknown>, room: Room, depth: number): void {
  let count = 0
  for (const key of Object.keys(data)) {
    const value = (data as Record<string, unknown>)[key]
    if (isAbsent(value)) continue
    if (count === MAX_ITEMS || room.left <= 0) {
      copy[MORE] = true
      break
    }
    count++
    const name = scrub(key, {max: MAX_KEY})
    room.left -= name.length + MEMBER_COST
    copy[name] = isSensitiveKey(key) ? REDACTED : plainValue(value, room, depth)
  }
}

function plainValue(value: unknown, room: Room, depth: number): unknown {
  if (typeof value === 'string') return plainText(value, room)
  if (typeof value === 'bigint') return plainText(String(value), room)
  if (typeof value !== 'object' || value === null) return isAbsent(value) ? null : value
  if (depth === MAX_DEPTH) return MORE
  if (value instanceof Error) return plainText(messageOf(value), room)
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainValue(value.toJSON(), room, depth + 1)
  if (Array.isArray(value)) return plainList(value, room, depth + 1)
  const copy: Record<string, unknown> = {}
  copyMembers(value, copy, room, depth + 1)
  return copy
}

function plainList(list: readonly unknown[], room: Room, depth: number): unknown[] {
  const copy: unknown[] = []
  for (const item of list) {
    if (copy.length === MAX_ITEMS || room.left <= 0) {
      copy.push(MORE)
      break
    }
    room.left -= MEMBER_COST
    copy.push(plainValue(item, room, depth))
  }
  return copy
}

function plainText(text: string, room: Room): string {
  const clean = scrub(text, {max: Math.max(0, Math.min(room.left, MAX_TEXT))})
  room.left -= clean.length
  return clean
}

const isAbsent = (value: unknown): boolean =>
  value === undefined || typeof value === 'function' || typeof value === 'symbol'
