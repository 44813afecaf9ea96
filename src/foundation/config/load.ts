// The lazy door: who only needs rows (help, flags) does not pay for YAML, certificates and the file system.

import type {TunnelConfig} from './types.ts'

/** What a configuration is made from. */
export interface LoadInput {
  /**
   * What the command line gave, by flag name without dashes; aliases may stand under their own name. A flag that was not
   * given is absent or undefined. Names without a row are ignored.
   */
  readonly flags: Readonly<Record<string, string | readonly string[] | boolean | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths are read from here. */
  readonly cwd: string
  /** Home folder where HOME is not set. */
  readonly home?: string
  /** Channels that the caller serves itself, without an entry here. */
  readonly served?: readonly string[]
}

/**
 * Loads flags over environment over YAML over defaults.
 * @throws TunnelError `TC-CONFIG-INVALID` that holds every problem, in the order in which the keys are evaluated.
 */
export async function loadConfig(input: LoadInput): Promise<TunnelConfig> {
  const {assembleConfig} = await import('./assemble/assemble.ts')
  return await assembleConfig(input)
}
