// Headers to add to requests: three notations, one set of rules about names and values.

import {goQuote} from '../../errors/index.ts'
import {learnSecret, Secret} from '../../platform/index.ts'
import type {Layers, Listed} from '../layers.ts'
import {type ProblemList, shown} from '../problems.ts'
import {type ConfigKey, rowOf} from '../rows/index.ts'
import type {ConfigHeader, Origin} from '../types.ts'
import {trimSpace} from './go-text.ts'
import {type ReferenceHost, resolveHeaderValue} from './references.ts'

/** A header before its reference is followed. `trusted`: the name cannot be a piece of a value, so it may be shown. */
interface Entry {
  readonly name: string
  readonly raw: string
  readonly trusted: boolean
  readonly origin: Origin
}

/** What reading headers needs. */
export interface HeaderInput {
  readonly key: ConfigKey
  readonly layers: Layers
  readonly problems: ProblemList
  readonly host: ReferenceHost
  /** Lower-case names that may not be set. */
  readonly reserved?: readonly string[]
}

const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** Headers in the order in which they were given, names in canonical spelling. */
export async function readHeaders(input: HeaderInput): Promise<readonly ConfigHeader[]> {
  const listed = input.layers.list(input.key)
  if (listed === null) return []
  const source = rowOf(input.key).flag
  const report = (message: string, origin: Origin): void => {
    input.problems.add({code: 'TC-CONFIG-HEADER', message, origin})
  }
  const entries = readEntries(input, listed, report)
  const headers = new Map<string, {value: string; origin: Origin}>()
  for (const entry of entries) {
    const {origin} = entry
    const name = canonicalName(entry.name)
    const isReference = /^(?:env|file):/i.test(trimSpace(entry.raw))
    if (!isReference && !isPlain(entry.name)) rememberSecret(input, entry.raw)
    if (!TOKEN.test(entry.name)) {
      const label = entry.trusted ? ` ${goQuote(shown(entry.name))}` : ''
      report(`${prefixOf(origin, input.key, source)} contains invalid HTTP header name${label}`, origin)
      continue
    }
    if (CONTROL.test(entry.raw)) {
      report(`${prefixOf(origin, input.key, source)} contains invalid HTTP header value for ${goQuote(name)}`, origin)
      continue
    }
    const label = origin.layer === 'file' ? name : entry.name
    const value = await resolveHeaderValue(input.host, {source: `${source}.${label}`, raw: entry.raw})
    if (!value.ok) {
      const code = isReference ? 'TC-CONFIG-REFERENCE' : 'TC-CONFIG-HEADER'
      input.problems.add({code, message: value.problem, origin})
      continue
    }
    if (!isPlain(entry.name)) rememberSecret(input, value.value.text)
    const before = headers.get(name)
    if (CONTROL.test(value.value.text)) {
      report(`${source} contains invalid HTTP header value for ${goQuote(name)}`, origin)
    } else if (before !== undefined && before.value !== value.value.text) {
      const prefix = prefixOf(origin, input.key, source)
      report(`${prefix} contains conflicting values for case-insensitive HTTP header ${goQuote(name)}`, origin)
    } else if (input.reserved?.includes(name.toLowerCase())) {
      const rule = 'cannot override control-plane authentication or client metadata headers'
      report(`${source} ${goQuote(name)} ${rule}`, origin)
    } else {
      headers.set(name, {value: value.value.text, origin})
    }
  }
  return [...headers].map(([name, {value}]) => ({name, value: new Secret(value, {redact: !isPlain(name)})}))
}

/** Headers whose values occur everywhere and say nothing secret. */
const isPlain = (name: string): boolean =>
  /^(?:accept(?:-[a-z]+)?|cache-control|content-type|mcp-protocol-version|origin|user-agent)$/i.test(name)

/** Short values are everyday words (`true`, `production`) that error texts may contain for other reasons. */
function rememberSecret(input: HeaderInput, value: string): void {
  if (value.length < 10) return
  input.problems.secret(value)
  learnSecret(value)
}

/** What is wrong with a YAML map is wrong with the file. */
function prefixOf(origin: Origin, key: string, flag: string): string {
  return origin.layer === 'file' ? `parse config file ${origin.path}: ${key}` : flag
}

function readEntries(input: HeaderInput, listed: Listed, report: (message: string, origin: Origin) => void): Entry[] {
  const {origin} = listed
  if (listed.layer === 'file') {
    const {value} = listed
    if (value.shape !== 'map') return []
    const path = input.layers.file.path
    return value.items.map(({name, text, line}) => ({
      name,
      raw: text,
      trusted: true,
      origin: {layer: 'file', path, line},
    }))
  }
  if (listed.layer === 'env' && listed.text.trimStart().startsWith('{')) {
    const entries = jsonEntries(listed.text, origin)
    if (entries === null) report(`invalid ${rowOf(input.key).env[0]}: not a JSON object of strings`, origin)
    return entries ?? []
  }
  const lines = listed.layer === 'flag' ? listed.values : splitVariable(listed.text)
  const entries: Entry[] = []
  for (const line of lines) {
    const entry = parseLine(line, listed.layer === 'flag', origin)
    if (typeof entry === 'string') report(entry, origin)
    else entries.push(entry)
  }
  return lastOfEach(entries)
}

/** `a: 1, b: 2; c: 3` as the reference splits it. Where that would leave a line break in an entry, lines are entries. */
function splitVariable(text: string): readonly string[] {
  const split = (by: RegExp): string[] =>
    text
      .split(by)
      .map(trimSpace)
      .filter((part) => part !== '')
  const parts = split(/[,;]/)
  return parts.some((part) => /[\r\n]/.test(part)) ? split(/[\r\n]+/) : parts
}

function jsonEntries(text: string, origin: Origin): Entry[] | null {
  try {
    const value: unknown = JSON.parse(text)
    const pairs = Object.entries(value as Record<string, unknown>)
    if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return null
    return pairs.map(([name, raw]) => ({name, raw, trusted: true, origin}))
  } catch {
    return null
  }
}

function parseLine(line: string, trusted: boolean, origin: Origin): Entry | string {
  const colon = line.indexOf(':')
  if (colon < 0) return "invalid header: expected 'Key: Value'"
  const name = trimSpace(line.slice(0, colon))
  const raw = trimSpace(line.slice(colon + 1))
  if (name === '') return 'invalid header: key cannot be empty'
  const label = trusted || TOKEN.test(name) ? goQuote(shown(name)) : '"[redacted]"'
  if (raw === '') return `invalid header value for ${label}: value cannot be empty`
  if (/[\r\n]/.test(raw)) return `invalid header value for ${label}: value cannot contain CR or LF`
  return {name, raw, trusted, origin}
}

/** In list notations an exactly repeated name keeps its last value. */
function lastOfEach(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()]
}

/** Go's canonical spelling: `x-foo-bar` is `X-Foo-Bar`. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
