// Strict YAML: one schema, derived from the rows; unknown and repeated keys are errors with their line and a suggestion.

import type {Document, LineCounter, Node, Scalar, YAMLMap} from 'yaml'
import {decodeText, nearest} from '../../platform/index.ts'
import type {Problem} from '../problems.ts'
import {CONFIG_ROWS} from '../rows/index.ts'
import {REFUSED_KEYS} from '../rows/refused.ts'
import type {ConfigRow} from '../rows/row.ts'
import {parseInteger} from '../values/go-text.ts'
import type {FileEntry, FileText, FileValue, FileValues} from './file-value.ts'
import {syntaxText} from './syntax-text.ts'

type Yaml = typeof import('yaml')
type Pairs = readonly {readonly name: string; readonly value: Node | null; readonly line: number}[]

/** A file to read. */
export interface YamlInput {
  /** As it was given; it stands in every error text. */
  readonly path: string
  readonly data: Uint8Array
  readonly report: (problem: Problem) => void
}

/** Reads the first document of a file. Everything wrong with it is reported; what can be used is returned. */
export async function readYaml(input: YamlInput): Promise<FileValues> {
  const yaml = await import('yaml')
  return new Reader(yaml, input).read()
}

class Reader {
  readonly #yaml: Yaml
  readonly #input: YamlInput
  readonly #lines: LineCounter
  readonly #values = new Map<string, FileValue>()
  /** Maps whose pairs are being merged right now: a map cannot be merged into itself. */
  readonly #merging = new Set<Node>()
  #document!: Document

  constructor(yaml: Yaml, input: YamlInput) {
    this.#yaml = yaml
    this.#input = input
    this.#lines = new yaml.LineCounter()
  }

  read(): FileValues {
    const complete = this.#readDocument()
    return {path: this.#input.path, values: this.#values, complete}
  }

  #readDocument(): boolean {
    const content = decodeText(this.#input.data)
    if (!content.ok) return this.#syntax(`yaml: ${content.problem}`)
    const {text} = content
    const options = {lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false, merge: false} as const
    const documents = this.#yaml.parseAllDocuments(text, options)
    const document = Array.isArray(documents) ? documents[0] : undefined
    if (document === undefined) return this.#syntax('EOF')
    this.#document = document as Document
    const error = document.errors[0]
    if (error !== undefined) {
      const {line} = this.#lines.linePos(error.pos[0])
      return this.#syntax(`yaml: line ${line}: ${syntaxText(error.code)}`, line)
    }
    const root = this.#resolve(document.contents)
    if (root === null) return true
    if (!this.#yaml.isMap(root)) {
      this.#type(root, 'the configuration')
      return false
    }
    this.#readSection(root, '')
    return true
  }

  #readSection(map: YAMLMap, prefix: string): void {
    for (const {name, value, line} of this.#pairs(map)) {
      const key = prefix === '' ? name : `${prefix}.${name}`
      const row = CONFIG_ROWS.find((candidate) => candidate.yaml !== null && candidate.key === key)
      if (key === 'config_version') this.#version(value, line)
      else if (row !== undefined) this.#readRow(row, value, line)
      else if (REFUSED_KEYS.some((refused) => refused.key === key)) this.#foreign(key, value, line)
      else if (prefix === '' && isSection(name)) this.#subsection(name, value)
      else this.#unknown(prefix, name, line)
    }
  }

  #subsection(name: string, value: Node | null): void {
    if (value === null) return
    if (this.#yaml.isMap(value)) this.#readSection(value, name)
    else {
      this.#type(value, `${name} (a map of keys)`)
      this.#obscure(name, value)
    }
  }

  #readRow(row: ConfigRow, value: Node | null, line: number): void {
    if (value === null) return
    const read = this.#readValue(row, value, line)
    this.#values.set(row.key, read ?? {shape: 'broken', line})
  }

  /** Null after a problem. */
  #readValue(row: ConfigRow, value: Node, line: number): FileValue | null {
    switch (row.yaml) {
      case 'string-list':
        return this.#list(value, line)
      case 'string-map':
        return this.#map(value, line)
      case 'entry-list':
        return this.#entries(row, value, line)
      default: {
        const text = this.#scalar(value, row.yaml === 'int' || row.yaml === 'bool' ? row.yaml : 'string')
        return text === null ? null : {shape: 'scalar', text, line: this.#lineOf(value)}
      }
    }
  }

  #list(value: Node, line: number): FileValue | null {
    if (!this.#yaml.isSeq(value)) return this.#type(value, '[]string')
    const items: FileText[] = []
    for (const item of value.items as (Node | null)[]) {
      const node = this.#resolve(item)
      const text = node === null ? '' : this.#scalar(node, 'string')
      if (text === null) return null
      items.push({text, line: node === null ? line : this.#lineOf(node)})
    }
    return {shape: 'list', items, line}
  }

  #map(value: Node, line: number): FileValue | null {
    if (!this.#yaml.isMap(value)) return this.#type(value, 'map[string]string')
    const items: (FileText & {name: string})[] = []
    for (const pair of this.#pairs(value)) {
      const text = pair.value === null ? '' : this.#scalar(pair.value, 'string')
      if (text === null) return null
      items.push({name: pair.name, text, line: pair.line})
    }
    return {shape: 'map', items, line}
  }

  #entries(row: ConfigRow, value: Node, line: number): FileValue | null {
    if (!this.#yaml.isSeq(value)) return this.#type(value, 'a list of entries')
    const items: FileEntry[] = []
    for (const item of value.items as (Node | null)[]) {
      const node = this.#resolve(item)
      const entry = node === null ? {fields: {}, line} : this.#entry(row, node)
      if (entry === null) return null
      items.push(entry)
    }
    return {shape: 'entries', items, line}
  }

  #entry(row: ConfigRow, node: Node): FileEntry | null {
    if (!this.#yaml.isMap(node)) return this.#type(node, `an entry of ${row.key} (a map of keys)`)
    const names = row.fields!.map((field) => field.name)
    const fields: Record<string, FileText> = {}
    let good = true
    for (const {name, value, line} of this.#pairs(node)) {
      if (!names.includes(name)) {
        this.#unknownAmong(name, line, `an entry of ${row.key}`, nearest(name, names))
        good = false
      } else if (value !== null) {
        const text = this.#scalar(value, 'string')
        if (text === null) good = false
        else fields[name] = {text, line: this.#lineOf(value)}
      }
    }
    return good ? {fields, line: this.#lineOf(node)} : null
  }

  /** The text of a scalar as the reference would see it, or null after a problem. */
  #scalar(node: Node, want: 'string' | 'int' | 'bool'): string | null {
    if (!this.#yaml.isScalar(node)) return this.#type(node, want)
    const plain = node.type === 'PLAIN' && node.tag === undefined
    const source = node.source ?? String(node.value)
    if (want === 'string') return plain ? source : String(node.value)
    if (want === 'bool') {
      if (typeof node.value === 'boolean') return String(node.value)
      if (/^(?:y|yes|on)$/i.test(String(node.value))) return 'true'
      if (/^(?:n|no|off)$/i.test(String(node.value))) return 'false'
      return this.#type(node, 'bool')
    }
    if (plain) {
      const whole = parseInteger(source, 'ParseInt')
      if (whole.ok) return String(whole.value)
      if (typeof node.value === 'number' && Number.isSafeInteger(node.value)) return String(node.value)
    }
    return this.#type(node, 'int')
  }

  #version(value: Node | null, line: number): void {
    if (value === null) return
    const text = this.#scalar(value, 'int')
    if (text === null || text === '1') return
    this.#report('TC-CONFIG-VERSION', `unsupported config_version ${text}`, line)
  }

  #foreign(key: string, value: Node | null, line: number): void {
    if (value === null) return
    const items = this.#yaml.isCollection(value) ? value.items.length : null
    const text = this.#yaml.isScalar(value) ? String(value.value) : ''
    this.#values.set(key, {shape: 'foreign', text, empty: items === null ? text === '' : items === 0, line})
  }

  /** The pairs of a map with merge keys applied; repeated keys are reported. */
  #pairs(map: YAMLMap): Pairs {
    const pairs: {name: string; value: Node | null; line: number}[] = []
    const merged: Pairs[] = []
    for (const pair of map.items) {
      const key = this.#resolve(pair.key as Node | null)
      const value = this.#resolve(pair.value as Node | null)
      const line = key === null ? this.#lineOf(map) : this.#lineOf(key)
      const name = key === null ? '' : this.#scalar(key, 'string')
      if (name === null) continue
      if (name === '<<' && (key as Scalar).type === 'PLAIN') {
        merged.push(...this.#merged(value))
        continue
      }
      const first = pairs.find((other) => other.name === name)
      if (first === undefined) pairs.push({name, value, line})
      else {
        const text = `yaml: unmarshal errors: line ${line}: mapping key "${name}" already defined at line ${first.line}`
        this.#report('TC-CONFIG-YAML-DUPLICATE-KEY', text, line)
      }
    }
    for (const pair of merged.flat()) {
      if (!pairs.some((other) => other.name === pair.name)) pairs.push(pair)
    }
    return pairs
  }

  #merged(value: Node | null): Pairs[] {
    const maps = this.#yaml.isSeq(value) ? (value.items as Node[]).map((item) => this.#resolve(item)) : [value]
    return maps.map((map) => {
      if (this.#yaml.isMap(map) && !this.#merging.has(map)) {
        this.#merging.add(map)
        const pairs = this.#pairs(map)
        this.#merging.delete(map)
        return pairs
      }
      if (this.#yaml.isMap(map)) this.#syntax('yaml: a map cannot be merged into itself', this.#lineOf(map))
      else if (map !== null) this.#type(map, 'a map to merge')
      return []
    })
  }

  /** Follows an alias; null for nothing and for YAML's null. */
  #resolve(node: Node | null | undefined): Node | null {
    if (node === null || node === undefined) return null
    if (this.#yaml.isAlias(node)) {
      const target = node.resolve(this.#document)
      if (target === undefined)
        this.#syntax(`yaml: line ${this.#lineOf(node)}: unknown anchor referenced`, this.#lineOf(node))
      return this.#resolve(target)
    }
    return this.#yaml.isScalar(node) && node.value === null ? null : node
  }

  #lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line
  }

  #unknown(prefix: string, name: string, line: number): void {
    const known = [...CONFIG_ROWS.flatMap((row) => (row.yaml === null ? [] : [row.key])), 'config_version']
    const siblings = known.filter((key) => (prefix === '' ? !key.includes('.') : key.startsWith(`${prefix}.`)))
    const short = siblings.map((key) => key.slice(prefix === '' ? 0 : prefix.length + 1))
    const names = prefix === '' ? [...short, ...SECTIONS] : short
    const elsewhere = known.find((key) => key.endsWith(`.${name}`)) ?? null
    const guess = nearest(name, names) ?? elsewhere
    if (guess !== null) this.#obscure(guess === elsewhere || prefix === '' ? guess : `${prefix}.${guess}`, line)
    this.#unknownAmong(name, line, prefix === '' ? 'the configuration' : prefix, guess)
  }

  /** Marks a key, or all keys of a section, as written but not understood: nobody may call them missing. */
  #obscure(key: string, at: Node | number): void {
    const line = typeof at === 'number' ? at : this.#lineOf(at)
    for (const row of CONFIG_ROWS) {
      const meant = row.yaml !== null && (row.key === key || row.key.startsWith(`${key}.`))
      if (meant && !this.#values.has(row.key)) this.#values.set(row.key, {shape: 'broken', line})
    }
  }

  #unknownAmong(name: string, line: number, place: string, guess: string | null): void {
    const hint = guess === null ? '' : `; did you mean ${guess}?`
    const text = `yaml: unmarshal errors: line ${line}: field ${name} not found in ${place}${hint}`
    const next = guess === null ? {} : {next: [`Write ${guess} instead of ${name}`]}
    this.#report('TC-CONFIG-UNKNOWN-KEY', text, line, next)
  }

  /** Reports a value of the wrong type. The value is not shown: it may be a secret in the wrong place. */
  #type(node: Node, want: string): null {
    const line = this.#lineOf(node)
    const text = `yaml: unmarshal errors: line ${line}: cannot unmarshal ${this.#tag(node)} into ${want}`
    this.#report('TC-CONFIG-YAML-TYPE', text, line)
    return null
  }

  #tag(node: Node): string {
    if (this.#yaml.isMap(node)) return '!!map'
    if (this.#yaml.isSeq(node)) return '!!seq'
    const value = (node as Scalar).value
    if (typeof value === 'boolean') return '!!bool'
    if (typeof value !== 'number') return '!!str'
    return Number.isInteger(value) ? '!!int' : '!!float'
  }

  #syntax(text: string, line = 1): false {
    this.#report('TC-CONFIG-YAML-SYNTAX', text, line)
    return false
  }

  #report(code: Problem['code'], text: string, line: number, more: Pick<Problem, 'next'> = {}): void {
    const {path, report} = this.#input
    report({code, message: `parse config file ${path}: ${text}`, origin: {layer: 'file', path, line}, ...more})
  }
}

const SECTIONS = [
  ...new Set([...CONFIG_ROWS, ...REFUSED_KEYS].flatMap(({key}) => (key.includes('.') ? [key.split('.')[0]!] : []))),
]

const isSection = (name: string): boolean => SECTIONS.includes(name)
