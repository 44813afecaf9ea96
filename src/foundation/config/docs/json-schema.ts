// JSON Schema of the YAML file, for editors. Written from the rows.

import {CONFIG_ROWS} from '../rows/index.ts'
import {REFUSED_KEYS} from '../rows/refused.ts'
import type {ConfigRow} from '../rows/row.ts'

interface ObjectSchema {
  readonly type: readonly string[]
  readonly additionalProperties: false
  readonly properties: Record<string, object>
}

const DURATION = '^[+-]?(?:0|(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$'

/** The schema, draft 2020-12. */
export function configJsonSchema(): object {
  const root = section()
  root.properties.config_version = {const: 1, description: 'Version of this file'}
  for (const row of CONFIG_ROWS) if (row.yaml !== null) place(root, row.key, ofRow(row))
  for (const {key, says} of REFUSED_KEYS) place(root, key, {deprecated: true, description: `It ${says}`})
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of tunnel-client',
    ...root,
  }
}

const section = (): ObjectSchema => ({type: ['object', 'null'], additionalProperties: false, properties: {}})

function place(root: ObjectSchema, key: string, schema: object): void {
  const [first = '', second] = key.split('.')
  if (second === undefined) root.properties[first] = schema
  else {
    root.properties[first] ??= section()
    const inner = root.properties[first] as ObjectSchema
    inner.properties[second] = schema
  }
}

function ofRow(row: ConfigRow): object {
  const text = {description: row.summary, ...(row.default === null ? {} : {default: defaultOf(row)})}
  switch (row.yaml) {
    case 'int':
      return {...text, type: ['integer', 'null'], ...bounds(row)}
    case 'bool':
      return {...text, type: ['boolean', 'null']}
    case 'string-list':
      return {...text, type: ['array', 'null'], items: {type: 'string'}}
    case 'string-map':
      return {...text, type: ['object', 'null'], additionalProperties: {type: ['string', 'number', 'boolean']}}
    case 'entry-list':
      return {...text, type: ['array', 'null'], items: entry(row)}
    default:
      return {...text, type: ['string', 'null'], ...(row.kind === 'duration' ? {pattern: DURATION} : enumOf(row))}
  }
}

function enumOf(row: ConfigRow): object {
  return row.values === undefined ? {} : {enum: [...row.values, null]}
}

function defaultOf(row: ConfigRow): unknown {
  if (row.kind === 'int') return Number(row.default)
  return row.kind === 'bool' ? row.default === 'true' : row.default
}

function bounds(row: ConfigRow): object {
  const names = {'at-least': 'minimum', above: 'exclusiveMinimum', 'at-most': 'maximum', below: 'exclusiveMaximum'}
  return Object.fromEntries((row.limits ?? []).map(({rule, value}) => [names[rule], value]))
}

function entry(row: ConfigRow): object {
  const fields = row.fields ?? []
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.flatMap(({name, required}) => (required ? [name] : [])),
    properties: Object.fromEntries(
      fields.map(({name, summary}) => [name, {type: ['string', 'null'], description: summary}]),
    ),
  }
}
