// `env:NAME` and `file:PATH`: what they mean depends on the setting, so each form is a function of its own.

import {goQuote} from '../../errors/index.ts'
import {decodeText, type ReadFile} from '../../platform/index.ts'
import {shown} from '../problems.ts'
import {type Parsed, trimSpace} from './go-text.ts'

/** Where references lead to. */
export interface ReferenceHost {
  /** A variable by name. */
  lookup(name: string): string | undefined
  /** A path with `~/` expanded. */
  home(path: string): Parsed<string>
  /** A file by path, `~/` included; a relative one is taken from the working directory. */
  read(path: string): Promise<ReadFile>
  /** Called with a variable whose value turned out to be a secret. */
  noteSecret(variable: string): void
}

/** A reference to follow. `source` is what error texts call the setting. */
export interface Reference {
  readonly source: string
  readonly raw: string
}

/** The value and, if it came from a variable, its name. */
export type Resolved = Parsed<{readonly text: string; readonly variable: string | null}>

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const good = (text: string, variable: string | null = null): Resolved => ({ok: true, value: {text, variable}})
const bad = (problem: string): Resolved => ({ok: false, problem})

/** A reference as error texts may show it: what cannot be the name of a variable may be a secret in the wrong place. */
function nameOf(raw: string): string {
  const [, prefix = '', rest = ''] = /^(env:|file:)?(.*)$/is.exec(raw)!
  if (/^env:/i.test(prefix) && !NAME.test(trimSpace(rest)) && trimSpace(rest) !== '') return `${prefix}[redacted]`
  return shown(raw)
}

/** A YAML value: literal, `env:NAME` or `file:PATH` with the content of the file. Trimmed, never empty. */
export async function resolveYamlValue(host: ReferenceHost, {source, raw: given}: Reference): Promise<Resolved> {
  const raw = trimSpace(given)
  if (raw === '') return bad(`${source} cannot be empty`)
  const refuse = (why: string): Resolved => bad(`invalid ${source} reference ${goQuote(nameOf(raw))}: ${why}`)
  if (/^env:/i.test(raw)) return variableValue(host, raw, refuse, 'environment variable name is required')
  if (!/^file:/i.test(raw)) return good(raw)
  const path = trimSpace(raw.slice(5))
  if (path === '') return refuse('file path is required')
  const file = await host.read(path)
  if (!file.ok) return refuse(`read file: ${shown(file.problem)}`)
  const content = decodeText(file.data)
  if (!content.ok) return refuse(content.problem)
  const text = trimSpace(content.text)
  return text === '' ? refuse('file is empty') : good(text)
}

/** A path: plain, `env:NAME` that holds one, or `file:PATH` that is one, with `~/` expanded. Empty stays empty. */
export function resolvePath(host: ReferenceHost, reference: Reference): Resolved {
  const named = pathAsNamed(host, reference)
  if (!named.ok) return named
  const {text, variable} = named.value
  const read = host.home(text)
  return read.ok ? good(read.value, variable) : bad(`invalid ${reference.source}: ${read.problem}`)
}

function pathAsNamed(host: ReferenceHost, {source, raw: given}: Reference): Resolved {
  const raw = trimSpace(given)
  const refuse = (why: string): Resolved => bad(`invalid ${source} reference ${goQuote(nameOf(raw))}: ${why}`)
  if (/^env:/i.test(raw)) return variableValue(host, raw, refuse, 'env name is required')
  if (!/^file:/i.test(raw)) return good(raw)
  const path = trimSpace(raw.slice(5))
  return path === '' ? refuse('file path is required') : good(path)
}

function variableValue(host: ReferenceHost, raw: string, refuse: (why: string) => Resolved, empty: string): Resolved {
  const name = trimSpace(raw.slice(4))
  if (name === '') return refuse(empty)
  const label = goQuote(NAME.test(name) ? shown(name) : '[redacted]')
  const value = host.lookup(name)
  if (value === undefined) return refuse(`environment variable ${label} is not set`)
  const text = trimSpace(value)
  return text === '' ? refuse(`environment variable ${label} is empty`) : good(text, name)
}

/** The value of a header: literal, or a reference. One line ending at the end of a file is dropped. */
export async function resolveHeaderValue(host: ReferenceHost, {source, raw: given}: Reference): Promise<Resolved> {
  const raw = trimSpace(given)
  const isReference = /^(?:env|file):/i.test(raw)
  const label = goQuote(isReference ? nameOf(raw) : raw === '' ? '' : '[redacted]')
  const refuse = (why: string): Resolved => bad(`invalid ${source} reference ${label}: ${why}`)
  let found = good(raw)
  if (/^env:/i.test(raw)) {
    const name = trimSpace(raw.slice(4))
    if (!NAME.test(name)) return refuse('environment variable name is invalid')
    const value = host.lookup(name)
    if (value === undefined) return refuse(`environment variable ${goQuote(shown(name))} is not set`)
    host.noteSecret(name)
    found = good(trimSpace(value), name)
  } else if (/^file:/i.test(raw)) {
    const path = trimSpace(raw.slice(5))
    if (path === '') return refuse('file path is required')
    const file = await host.read(path)
    if (!file.ok) return bad(`read ${source} header value file ${shown(path)}: ${shown(file.problem)}`)
    const content = decodeText(file.data)
    if (!content.ok) return refuse(content.problem)
    found = good(content.text.replace(/(?:\r\n|\n|\r)$/, ''))
  }
  const text = found.ok ? found.value.text : ''
  if (trimSpace(text) === '') return refuse('resolved value is empty')
  return /[\r\n]/.test(text) ? refuse('resolved value cannot contain CR or LF') : found
}

/** What a runtime key on the command line leads to. A literal is refused and never shown. */
export async function resolveFlagKey(host: ReferenceHost, raw: string): Promise<Resolved & {readonly literal?: true}> {
  const flag = 'control-plane.api-key'
  if (raw.startsWith('env:')) {
    const name = raw.slice(4)
    if (name === '') return bad(`invalid ${flag}: environment variable name is required after env:`)
    const value = host.lookup(name)
    const label = `environment variable ${NAME.test(name) ? shown(name) : '[redacted]'} referenced by --${flag}`
    if (value === undefined) return bad(`${label} is not set`)
    return value === '' ? bad(`${label} is empty`) : good(value, name)
  }
  if (raw.startsWith('file:')) {
    const path = raw.slice(5)
    if (path === '') return bad(`invalid ${flag}: file path is required after file:`)
    const file = await host.read(path)
    if (!file.ok) return bad(`read control-plane api key file ${shown(path)}: ${shown(file.problem)}`)
    const content = decodeText(file.data)
    if (!content.ok) return bad(`read control-plane api key file ${shown(path)}: ${content.problem}`)
    const text = trimSpace(content.text)
    return text === '' ? bad(`file ${shown(path)} referenced by --${flag} is empty`) : good(text)
  }
  return {...bad(`invalid ${flag}: value must be prefixed with "env:" or "file:"`), literal: true}
}
