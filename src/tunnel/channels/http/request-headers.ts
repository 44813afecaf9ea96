// Which headers travel to an MCP server: the caller's verbatim, over those of the configuration, over our defaults.

import type {ConfigHeader} from '../../../foundation/config/index.ts'
import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {isHeaderName, isHeaderValue} from '../../../foundation/wire/index.ts'

/** A header of a command that cannot be sent. The value never appears in the message. */
export class HeaderInvalid extends Error {
  override readonly name = 'HeaderInvalid'
}

/** Meant for one connection, or set by the HTTP client itself. `Accept-Encoding`: answers are passed on as they are. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
  'accept-encoding',
])
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is the range meant
const ASCII = /^[\x00-\x7f]*$/

/** A header of ours: `[name, value]`. */
export type OwnHeader = readonly [name: string, value: string]

/** From low to high: a header set on a higher level replaces same-named ones below. */
export interface HeaderLevels {
  readonly defaults: readonly OwnHeader[]
  readonly configured: readonly ConfigHeader[]
  /** Of the command; filtered. */
  readonly command: RawHeaders
  /** Set by us whatever the others say. */
  readonly forced?: readonly OwnHeader[]
}

/** The headers of one request. Throws {@link HeaderInvalid}. */
export function requestHeaders(levels: HeaderLevels): string[] {
  const taken = new Set<string>()
  const out: string[] = []
  for (const [name, value] of levels.forced ?? []) {
    taken.add(name.toLowerCase())
    out.push(name, fieldValue(name, value))
  }
  addCommand(levels.command, taken, out)
  addOwn(
    levels.configured.map(({name, value}): OwnHeader => [name, value.reveal()]),
    taken,
    out,
  )
  addOwn(levels.defaults, taken, out)
  return out
}

function addCommand(command: RawHeaders, taken: Set<string>, out: string[]): void {
  const nominated = connectionTokens(command)
  const mine = new Set<string>()
  for (let i = 0; i + 1 < command.length; i += 2) {
    const name = command[i]!
    const lower = name.toLowerCase()
    if (NOT_FORWARDED.has(lower) || taken.has(lower) || nominated?.has(lower)) continue
    if (!isHeaderName(name)) throw new HeaderInvalid(`invalid header name ${JSON.stringify(name.slice(0, 64))}`)
    mine.add(lower)
    out.push(name, fieldValue(name, command[i + 1]!))
  }
  for (const lower of mine) taken.add(lower)
}

function addOwn(headers: readonly OwnHeader[], taken: Set<string>, out: string[]): void {
  const mine = new Set<string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (taken.has(lower)) continue
    mine.add(lower)
    out.push(name, fieldValue(name, value))
  }
  for (const lower of mine) taken.add(lower)
}

function connectionTokens(headers: RawHeaders): Set<string> | null {
  let tokens: Set<string> | null = null
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== 'connection') continue
    tokens ??= new Set()
    for (const token of headers[i + 1]!.split(',')) tokens.add(token.trim().toLowerCase())
  }
  return tokens
}

/** Values cross as UTF-8 bytes; an HTTP client writes strings as Latin-1, so the bytes are spelled that way. */
function fieldValue(name: string, value: string): string {
  const bytes = ASCII.test(value) ? value : Buffer.from(value, 'utf8').toString('latin1')
  if (!isHeaderValue(bytes)) throw new HeaderInvalid(`the value of header ${name} holds a control character`)
  return bytes
}
