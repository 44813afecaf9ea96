// Which headers of an MCP server may travel back, and how they are spelled on the wire.

import {isUtf8} from 'node:buffer'

const CONNECTION = 'connection'

/** Spelled as Go's canonical form has them, because readers compare them so. */
const ALLOWED = new Map(
  [
    'Access-Control-Expose-Headers',
    'Content-Type',
    'Last-Event-Id',
    'Mcp-Protocol-Version',
    'Mcp-Session-Id',
    'Retry-After',
    'Www-Authenticate',
  ].map((name) => [name.toLowerCase(), name]),
)

/** Lengths of the names that matter: the others are passed by without a look. */
const LENGTHS = new Set([...ALLOWED.keys(), CONNECTION].map((name) => name.length))

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Go's canonical spelling: `mcp-session-id` becomes `Mcp-Session-Id`; names that are no token stay as they are. */
export function canonicalHeader(name: string): string {
  if (isCanonical(name) || !TOKEN.test(name)) return name
  return name.toLowerCase().replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}

/** True when nothing has to change: letters and dashes only, upper case exactly at the start and after dashes. */
function isCanonical(name: string): boolean {
  let atStart = true
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code === 0x2d) atStart = true
    else if (atStart ? code >= 0x41 && code <= 0x5a : code >= 0x61 && code <= 0x7a) atStart = false
    else return false
  }
  return name !== ''
}

/** True for a name that may stand in an HTTP message. */
export const isHeaderName = (name: string): boolean => TOKEN.test(name)

/** True for a value that may stand in an HTTP message as it is: one byte per character, no control characters but tab. */
const isHeaderValue = (value: string): boolean => !/[^\t\x20-\x7e\x80-\xff]/.test(value)

/** A value as an HTTP client has to write it: its UTF-8 bytes, one per character. Null when it holds control characters. */
export function headerBytes(value: string): string | null {
  if (/^[\t\x20-\x7e]*$/.test(value)) return value
  const bytes = Buffer.from(value, 'utf8').toString('latin1')
  return isHeaderValue(bytes) ? bytes : null
}

/**
 * The text of a header value as Node and undici read it, one character per byte: UTF-8 where the bytes are UTF-8, as on
 * the wire of the Go client, else ISO 8859-1. The reverse of {@link headerBytes} for UTF-8.
 */
export function headerText(value: string): string {
  if (/^[\t\x20-\x7e]*$/.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : value
}

/**
 * The upstream headers that go back to the control plane: allow-listed, canonical, not nominated by `Connection`, not
 * empty. Name, value, …
 */
export function responseHeaders(upstream: readonly string[]): string[] {
  const kept: string[] = []
  let nominated: Set<string> | null = null
  for (let i = 0; i < upstream.length; i += 2) {
    const raw = upstream[i]!
    if (!LENGTHS.has(raw.length)) continue
    const lower = raw.toLowerCase()
    const value = upstream[i + 1]!
    if (lower === CONNECTION) {
      nominated ??= new Set()
      for (const name of value.split(',')) nominated.add(name.trim().toLowerCase())
      continue
    }
    const name = ALLOWED.get(lower)
    if (name !== undefined && value !== '') kept.push(name, headerText(value))
  }
  if (nominated === null) return kept
  const left: string[] = []
  for (let i = 0; i < kept.length; i += 2) {
    if (!nominated.has(kept[i]!.toLowerCase())) left.push(kept[i]!, kept[i + 1]!)
  }
  return left
}

/** The first value of a header, by its lower-case name; null when it is not there. */
export function headerOf(headers: readonly string[], lowerName: string): string | null {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[i + 1]!
  }
  return null
}

/** The headers with one of them set to a single value, at the place where it first stood, else at the end. */
export function withHeader(headers: readonly string[], name: string, value: string): string[] {
  const lower = name.toLowerCase()
  const result: string[] = []
  let placed = false
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== lower) result.push(headers[i]!, headers[i + 1]!)
    else if (!placed) {
      placed = true
      result.push(name, value)
    }
  }
  if (!placed) result.push(name, value)
  return result
}

/** `,"resp_headers":{…}` with one array per name, sorted by name as Go sorts map keys; empty text when there are none. */
export function encodeHeaderMember(headers: readonly string[]): string {
  if (headers.length === 0) return ''
  if (headers.length === 2) return `,"resp_headers":{${JSON.stringify(headers[0])}:[${JSON.stringify(headers[1])}]}`
  const byName = new Map<string, string[]>()
  for (let i = 0; i < headers.length; i += 2) {
    const values = byName.get(headers[i]!)
    if (values) values.push(headers[i + 1]!)
    else byName.set(headers[i]!, [headers[i + 1]!])
  }
  const members = [...byName.keys()].sort().map(
    (name) =>
      `${JSON.stringify(name)}:[${byName
        .get(name)!
        .map((value) => JSON.stringify(value))
        .join(',')}]`,
  )
  return `,"resp_headers":{${members.join(',')}}`
}
