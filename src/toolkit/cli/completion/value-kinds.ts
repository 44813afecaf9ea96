// What kind of value a flag or an argument takes, told by its name: completion needs no second list of flags.

import type {FlagHelp} from '../help/help-shape.ts'

/** Values that are looked up when somebody presses Tab; `files` and `dirs` are left to the shell. */
export type ValueKind = 'files' | 'dirs' | 'profile' | 'sample' | 'runtime' | 'admin-profile' | 'shell'

const BY_FLAG: Readonly<Record<string, ValueKind>> = {
  profile: 'profile',
  'profile-dir': 'dirs',
  sample: 'sample',
  alias: 'runtime',
  'admin-profile': 'admin-profile',
}
const BY_ARG: readonly (readonly [command: RegExp, arg: string, kind: ValueKind])[] = [
  [/^profiles:(?:show|edit|rm|path|validate)$/, 'name', 'profile'],
  [/^profiles:samples:show$/, 'name', 'sample'],
  [/^completion$/, 'shell', 'shell'],
  [/^runtimes:/, 'alias', 'runtime'],
  [/^codex:diagnose$/, 'alias', 'runtime'],
  [/^admin-profiles:/, 'name', 'admin-profile'],
]

/** The kind, the values themselves, or null: nothing is known of them. */
export function flagValue({name, options, helpValue = ''}: FlagHelp): ValueKind | readonly string[] | null {
  if (options !== undefined && options.length > 0) return options
  const known = Object.hasOwn(BY_FLAG, name) ? BY_FLAG[name] : undefined
  if (known !== undefined) return known
  if (/<(?:dir|folder|directory)>/.test(helpValue) || name.endsWith('-dir')) return 'dirs'
  return /<(?:path|file)>/.test(helpValue) ? 'files' : null
}

/** The kind of a positional argument. */
export const argValue = (command: string, arg: string): ValueKind | null =>
  BY_ARG.find(([pattern, name]) => pattern.test(command) && name === arg)?.[2] ?? null
