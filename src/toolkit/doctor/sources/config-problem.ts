// Everything that is wrong with a configuration, each problem with the check that reports it.

import {
  type ConfigSource,
  type LoadInput,
  loadConfig,
  problemCheckId,
  resolveConfigSource,
  type TunnelConfig,
} from '../../../foundation/config/index.ts'
import {isTunnelError, type TunnelError} from '../../../foundation/errors/index.ts'
import {FactUnavailable} from '../facts.ts'

/** One problem. */
export interface ConfigProblem {
  readonly checkId: string
  readonly error: TunnelError
}

/** What loading gave: a configuration, or at least one problem. */
export interface LoadedConfig {
  readonly config: TunnelConfig | null
  readonly problems: readonly ConfigProblem[]
}

/** Loads once and keeps what was wrong. Rejects only when the loader itself is broken. */
export async function loadForDoctor(input: LoadInput): Promise<LoadedConfig> {
  try {
    return {config: await loadConfig(input), problems: []}
  } catch (thrown) {
    if (!isTunnelError(thrown)) throw thrown
    const errors = thrown.problems.length > 0 ? thrown.problems : [thrown]
    return {config: null, problems: errors.map((error) => ({checkId: problemCheckId(error), error}))}
  }
}

/** The selected file. @throws FactUnavailable when the selection itself is wrong; `config_source` reports it. */
export function sourceForDoctor(input: LoadInput): ConfigSource {
  try {
    return resolveConfigSource(input)
  } catch (thrown) {
    if (!isTunnelError(thrown)) throw thrown
    throw new FactUnavailable('config_source', 'no configuration file could be selected')
  }
}
