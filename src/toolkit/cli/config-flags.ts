// The flags of `run`, `doctor` and whoever else takes the whole configuration: derived from the config rows, so that a new
// key needs no line here. Values stay text: the config room reads them, and its errors carry the reference's words.

import {Flags, type Interfaces} from '@oclif/core'
import {CONFIG_ROWS, type ConfigRow, REFUSED_KEYS} from '../../foundation/config/index.ts'

/** A flag of the configuration as oclif defines it. */
export type ConfigFlag =
  | Interfaces.BooleanFlag<boolean>
  | Interfaces.OptionFlag<string | undefined>
  | Interfaces.OptionFlag<string[] | undefined>

/** What {@link configFlags} takes. */
export interface ConfigFlagOptions {
  /** Leave out rows that make no sense for the command. Default: take all. */
  readonly only?: (row: ConfigRow) => boolean
}

/**
 * oclif flags for all config rows. Other spellings are hidden flags of their own, not oclif's aliases: the config room
 * decides which spelling counts, and says which one was used.
 */
export function configFlags({only = () => true}: ConfigFlagOptions = {}): Record<string, ConfigFlag> {
  const own = CONFIG_ROWS.filter(only).flatMap((row): [string, ConfigFlag][] => [
    [row.flag, configFlag(row, {summary: summaryOf(row)})],
    ...row.flagAliases.map((alias): [string, ConfigFlag] => [alias, configFlag(row, {hidden: true})]),
  ])
  const known = REFUSED_KEYS.map(({flag, bool}): [string, ConfigFlag] => [flag, knownFlag(bool)])
  return Object.fromEntries([...own, ...known])
}

/**
 * What the command line gave, as `loadConfig({flags})` wants it: by the spelling that was used, absent when not given.
 *
 * @param flags `this.flags` of a command that spread {@link configFlags}; other flags are ignored.
 */
export function givenConfigFlags(
  flags: Readonly<Record<string, unknown>>,
): Record<string, string | string[] | boolean> {
  const names = CONFIG_ROWS.flatMap(({flag, flagAliases}) => [flag, ...flagAliases])
  const given = [...names, ...REFUSED_KEYS.map(({flag}) => flag)]
    .map((name) => [name, flags[name]] as const)
    .filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Record<string, string | string[] | boolean>
}

function configFlag(row: ConfigRow, common: {readonly summary: string} | {readonly hidden: true}): ConfigFlag {
  if (row.kind === 'bool') return Flags.boolean({...common, allowNo: true}) as Interfaces.BooleanFlag<boolean>
  const option = {...common, helpValue: row.hint}
  if (row.repeat) return Flags.string({...option, multiple: true, multipleNonGreedy: true})
  return Flags.string(option)
}

/** A flag of the reference whose setting has no row: known to the parser, judged by the config room. */
function knownFlag(bool: boolean): ConfigFlag {
  if (bool) return Flags.boolean({hidden: true, allowNo: true}) as Interfaces.BooleanFlag<boolean>
  return Flags.string({hidden: true, multiple: true, multipleNonGreedy: true})
}

/** `How long one poll may wait (env CONTROL_PLANE_POLL_TIMEOUT; default 30s)` */
function summaryOf({summary, env, default: preset, kind}: ConfigRow): string {
  const remarks = [
    ...(env.length === 0 ? [] : [`env ${env.join(', ')}`]),
    ...(preset === null || preset === '' || (kind === 'bool' && preset === 'false') ? [] : [`default ${preset}`]),
  ]
  return remarks.length === 0 ? summary : `${summary} (${remarks.join('; ')})`
}
