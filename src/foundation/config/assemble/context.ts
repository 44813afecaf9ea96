// What every part of the assembly works with.

import type {ErrorCode} from '../../errors/index.ts'
import {readWholeFile} from '../../platform/index.ts'
import type {Layers} from '../layers.ts'
import type {ProblemList} from '../problems.ts'
import {type ConfigKey, rowOf} from '../rows/index.ts'
import type {ClientCertificate, Origin} from '../types.ts'
import {readClientCertificate} from '../values/certificates.ts'
import {expandHome, HOME_PATH_NEXT, homeOf} from '../values/home-path.ts'
import {type ScalarReader, scalarReader} from '../values/read-scalar.ts'
import {type ReferenceHost, resolvePath, resolveYamlValue} from '../values/references.ts'

/** The layers, the list of problems, and ways to read from one into the other. */
export interface Context {
  readonly layers: Layers
  readonly problems: ProblemList
  readonly host: ReferenceHost
  readonly scalars: ScalarReader
  /** Names of variables that hold secrets, as far as they are known. */
  readonly secretVariables: Set<string>
  /** `advice` replaces that of the catalogue; null leaves it. */
  report(code: ErrorCode, message: string, origin?: Origin, advice?: string | null): void
}

/** A context over some layers. */
export function createContext(layers: Layers, problems: ProblemList, cwd: string): Context {
  const secretVariables = new Set<string>()
  return {
    layers,
    problems,
    secretVariables,
    scalars: scalarReader(layers, problems),
    host: {
      lookup: (name) => layers.referenced(name),
      home: (path) => expandHome(path, homeOf({HOME: layers.variable('HOME')})),
      read: async (path) => {
        const read = expandHome(path, homeOf({HOME: layers.variable('HOME')}))
        return read.ok ? await readWholeFile(read.value, cwd) : read
      },
      noteSecret: (variable) => void secretVariables.add(variable),
    },
    report: (code, message, origin, advice) =>
      problems.add({code, message, origin, ...(advice ? {next: [advice]} : {})}),
  }
}

/** The text of a key that takes references in YAML. Null: no value; undefined: a problem was reported. */
export async function yamlText(context: Context, key: ConfigKey): Promise<string | null | undefined> {
  const given = context.layers.scalar(key)
  const row = rowOf(key)
  if (given === null) {
    return fromEmptyYaml(context, key) ? undefined : row.default
  }
  if (given.origin.layer !== 'file') return given.text
  const resolved = await resolveYamlValue(context.host, {source: key, raw: given.text})
  if (resolved.ok) return resolved.value.text
  reportInFile(context, resolved.problem, given.origin)
  return undefined
}

/** An empty text in YAML is an error where references are understood. */
function fromEmptyYaml(context: Context, key: ConfigKey): boolean {
  const value = context.layers.file.values.get(key)
  const hidden = context.layers.variable(rowOf(key).env[0]!) !== undefined
  if (hidden || value?.shape !== 'scalar' || value.text !== '') return false
  const {path} = context.layers.file
  reportInFile(context, `${key} cannot be empty`, {layer: 'file', path, line: value.line})
  return true
}

/** Reports a reference of the file that leads nowhere. */
export function reportInFile(context: Context, problem: string, origin: Origin, code?: ErrorCode): void {
  const {path} = context.layers.file
  context.report(code ?? 'TC-CONFIG-REFERENCE', `parse config file ${path}: ${problem}`, origin)
}

/** A path that may be a reference. Empty: none; null: a problem was reported. */
export function pathOf(context: Context, key: ConfigKey): string | null {
  const given = context.layers.scalar(key)
  if (given === null) return ''
  const resolved = resolvePath(context.host, {source: rowOf(key).flag, raw: given.text})
  if (resolved.ok) return resolved.value.text
  context.report('TC-CONFIG-REFERENCE', resolved.problem, given.origin)
  return null
}

/** A plain path with `~/` expanded. Null: none, or a problem was reported. */
export function plainPath(context: Context, key: ConfigKey, text: string | null): string | null {
  if (text === null || text === '') return null
  const read = context.host.home(text)
  if (read.ok) return read.value
  const message = `invalid ${rowOf(key).flag}: ${read.problem}`
  context.problems.add({
    code: 'TC-CONFIG-VALUE',
    message,
    origin: context.layers.origin(key),
    next: [HOME_PATH_NEXT],
  })
  return null
}

/** A pair of keys that hold a client certificate. `label` starts the reference's error text. */
export async function certificateOf(
  context: Context,
  {cert, key, label}: {readonly cert: ConfigKey; readonly key: ConfigKey; readonly label: string},
): Promise<ClientCertificate | null> {
  const certPath = pathOf(context, cert)
  const keyPath = pathOf(context, key)
  if (certPath === null || keyPath === null) return null
  const loaded = await readClientCertificate(context.host, {certPath, keyPath})
  if (loaded.ok) return loaded.value
  const origin = context.layers.origin(certPath === '' ? key : cert)
  const message = `invalid ${label} client certificate configuration: ${loaded.problem}`
  context.report('TC-CONFIG-CLIENT-CERTIFICATE', message, origin)
  return null
}
