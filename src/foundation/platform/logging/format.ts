// The three renderings of one record. Scripts match these lines, so quoting follows Go's slog text handler to the letter.

import {goQuote} from '../../errors/index.ts'
import {printable, printableJsonText} from '../text/printable.ts'

/** One record, already scrubbed. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** `DEBUG`, `INFO`, `WARN` or `ERROR`. */
  readonly level: string
  readonly message: string
  readonly attrs: Readonly<Record<string, unknown>>
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Local time as RFC 3339 with milliseconds, `Z` when the zone is UTC. */
export function rfc3339(time: number): string {
  const at = new Date(time)
  const offset = -at.getTimezoneOffset()
  const zone =
    offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${clockTime(at)}.${String(at.getMilliseconds()).padStart(3, '0')}${zone}`
}

const clockTime = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`

/** `2026/11/21 00:00:00 INFO message key=value`: what Go programs print when nobody chose a format. */
export function formatDefault(record: LogRecord): string {
  const at = new Date(record.time)
  const day = `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}`
  return `${day} ${clockTime(at)} ${record.level} ${printable(record.message)}${attrsText(record.attrs)}\n`
}

/** `time=… level=INFO msg="…" key=value`. */
export function formatText(record: LogRecord): string {
  return `time=${rfc3339(record.time)} level=${record.level} msg=${quoted(record.message)}${attrsText(record.attrs)}\n`
}

/** One JSON object: `time`, `level`, `msg`, then the attributes. */
export function formatJson(record: LogRecord): string {
  // Member by member: a spread of every record into a new object takes five times as long.
  let text = `{"time":"${rfc3339(record.time)}","level":${JSON.stringify(record.level)},"msg":${JSON.stringify(record.message)}`
  for (const key of Object.keys(record.attrs)) {
    const value = JSON.stringify(record.attrs[key])
    if (value !== undefined && !HEAD.has(key)) text += `,${JSON.stringify(key)}:${value}`
  }
  return `${printableJsonText(text)}}\n`
}

const HEAD = new Set(['time', 'level', 'msg'])

function attrsText(attrs: Readonly<Record<string, unknown>>, prefix = ''): string {
  let text = ''
  for (const [key, value] of Object.entries(attrs)) {
    if (value === undefined) continue
    if (isGroup(value)) text += attrsText(value, `${prefix}${key}.`)
    else text += ` ${quoted(prefix + key)}=${quoted(plain(value))}`
  }
  return text
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function plain(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(plain).join(' ')}]`
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

// Go: printable means letter, mark, number, punctuation, symbol or the ASCII blank. Unlike there, DEL is quoted, too.
const UNSAFE = /[^\p{L}\p{M}\p{N}\p{P}\p{S}]|["=]/u

/** Quotes only where the text handler would. */
const quoted = (text: string): string => (text !== '' && !UNSAFE.test(text) ? text : goQuote(text))
