// Judges a configuration file before anybody runs it: what may not be saved, what `run` would refuse, and what only this
// machine lacks.

import type {ErrorCode, TunnelError} from '../errors/index.ts'
import type {ShadowedKey} from './file/shadowed-keys.ts'

/** A file to judge. */
export interface FileCheckInput {
  /** Where it lies or will lie; error texts name it. */
  readonly path: string
  readonly data: Uint8Array
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths inside the file start here. */
  readonly cwd: string
}

/** What is wrong with a file; all lists empty: `run` takes it as it is. */
export interface FileCheck {
  /** Not the notation of a configuration file: YAML, keys, types, the syntax of references and headers. */
  readonly broken: readonly TunnelError[]
  /** `run` refuses this on every machine. */
  readonly refused: readonly TunnelError[]
  /** Only this machine lacks it: a variable that is not set, a file that is not there. */
  readonly unmet: readonly TunnelError[]
  /** What goes wrong only because variables of this environment are put on top of the file. */
  readonly overruled: readonly TunnelError[]
  /** Values that never count here, because a variable of this environment outranks them. */
  readonly shadowed: readonly ShadowedKey[]
  /** Variables that the file refers to by `env:NAME`. */
  readonly variables: readonly string[]
}

const UNMET: readonly ErrorCode[] = [
  'TC-CONFIG-REFERENCE',
  'TC-CONFIG-SECRET-UNREADABLE',
  'TC-CONFIG-API-KEY-MISSING',
  'TC-CONFIG-API-KEY-MALFORMED',
  'TC-CONFIG-CA-BUNDLE',
  'TC-CONFIG-CLIENT-CERTIFICATE',
]

/** Judges a file. Never throws for what stands in it. */
export async function checkConfigFile(input: FileCheckInput): Promise<FileCheck> {
  const {judgeFile} = await import('./assemble/judge-file.ts')
  const {broken, alone, together, variables, shadowed} = await judgeFile(input)
  const known = new Set(alone.map(({message}) => message))
  return {
    broken,
    refused: alone.filter(({code}) => !UNMET.includes(code)),
    unmet: alone.filter(({code}) => UNMET.includes(code)),
    overruled: together.filter(({message}) => !known.has(message)),
    shadowed,
    variables,
  }
}
