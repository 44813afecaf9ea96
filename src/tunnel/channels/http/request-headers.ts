// Which headers travel to an MCP server: the caller's verbatim, over those of the configuration, over our defaults.
// This is on the path of every call, so what can be known of a name is looked up once.

import type {ConfigHeader} from '../../../foundation/config/index.ts'
import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {headerBytes, isHeaderName} from '../../../foundation/wire/index.ts'

/** A header of a command that cannot be sent. The value never appears in the message. */
export class HeaderInvalid extends Error {
  override readonly name = 'HeaderInvalid'
}

/** What the HTTP client alone may say: with another's word in it no request could be sent, or a wrong one would be. */
const FRAMING = new Set([
  'connection',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
])
/** That, and what a caller meant for his own connection. `Accept-Encoding`: answers are passed on as they are. */
const NOT_FORWARDED = new Set([
  ...FRAMING,
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'accept-encoding',
])
/** Names come from the network; more different ones than this are looked at again each time. */
const MAX_KNOWN_NAMES = 256

/** A header of ours: `[name, value]`. */
export type OwnHeader = readonly [name: string, value: string]

/** The levels below the command, from high to low. */
export interface OwnLevels {
  readonly configured: readonly ConfigHeader[]
  readonly defaults: readonly OwnHeader[]
}

interface KnownName {
  readonly lower: string
  readonly forwarded: boolean
}

interface OwnRow {
  readonly name: string
  readonly lower: string
  readonly value: () => string
}

/** Whether a configured header of this name is left out of requests, as one that frames the message. */
export function isFraming(name: string): boolean {
  return FRAMING.has(name.toLowerCase())
}

/** Builds the headers of requests to one server. */
export class RequestHeaders {
  readonly #configured: readonly OwnRow[]
  readonly #defaults: readonly OwnRow[]
  readonly #known = new Map<string, KnownName>()

  constructor({configured, defaults}: OwnLevels) {
    const row = (name: string, value: () => string): OwnRow => ({name, lower: name.toLowerCase(), value})
    this.#configured = configured
      .filter(({name}) => !isFraming(name))
      .map(({name, value}) => row(name, () => value.reveal()))
    this.#defaults = defaults.map(([name, value]) => row(name, () => value))
  }

  /** The headers of one request; `forced` ones stand whatever the others say. Throws {@link HeaderInvalid}. */
  build(command: RawHeaders, forced: readonly OwnHeader[] = []): string[] {
    const out: string[] = []
    const taken: string[] = []
    for (const [name, value] of forced) {
      out.push(name, fieldValue(name, value))
      taken.push(name.toLowerCase())
    }
    this.#addCommand(command, out, taken)
    addOwn(this.#configured, out, taken)
    addOwn(this.#defaults, out, taken)
    return out
  }

  #addCommand(command: RawHeaders, out: string[], taken: string[]): void {
    const forced = taken.length
    const nominated = connectionTokens(command)
    for (let i = 0; i + 1 < command.length; i += 2) {
      const name = command[i]!
      const {lower, forwarded} = this.#look(name)
      if (!forwarded || nominated?.has(lower) || (forced > 0 && taken.lastIndexOf(lower, forced - 1) >= 0)) continue
      out.push(name, fieldValue(name, command[i + 1]!))
      taken.push(lower)
    }
  }

  #look(name: string): KnownName {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const lower = name.toLowerCase()
    const forwarded = !NOT_FORWARDED.has(lower)
    if (forwarded && !isHeaderName(name)) {
      throw new HeaderInvalid(`invalid header name ${JSON.stringify(name.slice(0, 64))}`)
    }
    const looked = {lower, forwarded}
    if (this.#known.size < MAX_KNOWN_NAMES) this.#known.set(name, looked)
    return looked
  }
}

/** Adds what nobody above has set; the same name twice on one level stays twice. */
function addOwn(rows: readonly OwnRow[], out: string[], taken: string[]): void {
  const above = taken.length
  for (const {name, lower, value} of rows) {
    if (above > 0 && taken.lastIndexOf(lower, above - 1) >= 0) continue
    out.push(name, fieldValue(name, value()))
    taken.push(lower)
  }
}

function connectionTokens(headers: RawHeaders): Set<string> | null {
  let tokens: Set<string> | null = null
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    tokens ??= new Set()
    for (const token of headers[i + 1]!.split(',')) tokens.add(token.trim().toLowerCase())
  }
  return tokens
}

/** Values cross as UTF-8 bytes. */
function fieldValue(name: string, value: string): string {
  const bytes = headerBytes(value)
  if (bytes === null) throw new HeaderInvalid(`the value of header ${name} holds a control character`)
  return bytes
}
