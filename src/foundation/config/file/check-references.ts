// Are the references of a file well-formed? Only their syntax is looked at: a profile may be saved on a machine where the
// variables it names are not set.

import {goQuote} from '../../errors/index.ts'
import type {Problem} from '../problems.ts'
import {type ConfigKey, rowOf} from '../rows/index.ts'
import {trimSpace} from '../values/go-text.ts'
import {canonicalName} from '../values/headers.ts'
import type {FileEntry, FileText, FileValues} from './file-value.ts'

/** What is checked: the file, and where problems go. */
export interface ReferenceCheck {
  readonly file: FileValues
  /** Lower-case header names that may not be set for the control plane. */
  readonly reserved: readonly string[]
  readonly report: (problem: Problem) => void
}

const SCALARS = [
  'control_plane.base_url',
  'control_plane.url_path',
  'control_plane.api_key',
  'control_plane.client_cert',
  'control_plane.client_key',
  'mcp.client_cert',
  'mcp.client_key',
  'health.listen_addr',
  'health.unix_socket',
] as const satisfies readonly ConfigKey[]
const HEADERS = [
  'control_plane.extra_headers',
  'mcp.extra_headers',
  'mcp.discovery_extra_headers',
] as const satisfies readonly ConfigKey[]
const ENTRY_FIELDS = {
  'mcp.server_urls': ['url', 'unix_socket', 'client_cert', 'client_key'],
  'mcp.commands': ['command'],
} as const satisfies Partial<Record<ConfigKey, readonly string[]>>
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** Reports every value that can never lead anywhere. Values are not shown: one of them may be a secret. */
export function checkReferences({file, reserved, report}: ReferenceCheck): void {
  const tell = (code: Problem['code'], line: number, what: string): void =>
    report({
      code,
      message: `parse config file ${file.path}: ${what}`,
      origin: {layer: 'file', path: file.path, line},
    })
  const check = (name: string, value: FileText): void => {
    const problem = referenceProblem(value.text)
    if (problem !== null) tell('TC-CONFIG-REFERENCE', value.line, `${name} ${problem}`)
  }
  for (const key of SCALARS) {
    const value = file.values.get(key)
    if (value?.shape === 'scalar') check(key, value)
  }
  for (const [key, fields] of Object.entries(ENTRY_FIELDS)) {
    const value = file.values.get(key)
    if (value?.shape !== 'entries') continue
    for (const entry of value.items) checkEntry(key, fields, entry)
  }
  for (const key of HEADERS) checkHeaders(key)

  function checkEntry(key: string, fields: readonly string[], entry: FileEntry): void {
    const [needed = ''] = fields
    if (entry.fields[needed] === undefined) tell('TC-CONFIG-MCP-ENTRY', entry.line, `${key} entry requires ${needed}`)
    for (const name of fields) {
      const value = entry.fields[name]
      if (value !== undefined) check(`${key}.${name}`, value)
    }
  }

  function checkHeaders(key: ConfigKey): void {
    const value = file.values.get(key)
    if (value?.shape !== 'map') return
    const seen = new Map<string, string>()
    for (const {name, text, line} of value.items) {
      const bad = (what: string): void => tell('TC-CONFIG-HEADER', line, `${key} ${what}`)
      const shown = canonicalName(name)
      if (!TOKEN.test(name)) bad(`contains invalid HTTP header name ${goQuote(name)}`)
      else if (CONTROL.test(text)) bad(`contains invalid HTTP header value for ${goQuote(shown)}`)
      else if (seen.has(shown) && seen.get(shown) !== text)
        bad(`contains conflicting values for case-insensitive HTTP header ${goQuote(shown)}`)
      else if (key === 'control_plane.extra_headers' && reserved.includes(name.toLowerCase()))
        bad(`${goQuote(shown)} cannot override control-plane authentication or client metadata headers`)
      else check(`${key}.${shown}`, {text, line})
      seen.set(shown, text)
    }
  }
}

/** Why a value or reference cannot be used, or null. */
function referenceProblem(raw: string): string | null {
  const text = trimSpace(raw)
  if (text === '') return 'cannot be empty'
  if (/[\r\n]/.test(text)) return 'must be one line'
  if (/^env:/i.test(text)) {
    const name = trimSpace(text.slice(4))
    if (name === '') return 'needs the name of a variable behind env:'
    return NAME.test(name) ? null : 'names no variable behind env: (letters, digits and _, no digit first)'
  }
  return /^file:/i.test(text) && trimSpace(text.slice(5)) === '' ? 'needs a path behind file:' : null
}

/** The variables that a file refers to by `env:NAME`, in their order. */
export function referencedVariables({values}: FileValues): readonly string[] {
  const texts = [...values].flatMap(([key, value]) => {
    if (value.shape === 'scalar') return rowOf(key as ConfigKey).references === 'none' ? [] : [value.text]
    if (value.shape === 'foreign') return [value.text]
    if (value.shape === 'map') return value.items.map(({text}) => text)
    if (value.shape === 'entries') {
      return value.items.flatMap(({fields}) =>
        Object.entries(fields).flatMap(([name, {text}]) => (name === 'channel' ? [] : [text])),
      )
    }
    return []
  })
  const names = texts.flatMap((text) => {
    const [, name] = /^env:\s*(?!\s)(.*)$/i.exec(text.trim()) ?? []
    return name !== undefined && NAME.test(name) ? [name] : []
  })
  return [...new Set(names)]
}
