// What the normaliser and the help know of a command: the part of oclif's manifest that matters, as plain data.

/** One flag of a command. */
export interface FlagShape {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly multiple?: boolean
  readonly required?: boolean
  readonly allowNo?: boolean
}

/** One command. `id` is oclif's, parts joined by `:`. */
export interface CommandShape {
  readonly id: string
  readonly aliases?: readonly string[]
  readonly hiddenAliases?: readonly string[]
  readonly flags?: Readonly<Record<string, FlagShape>>
  readonly args?: Readonly<Record<string, {readonly required?: boolean}>>
  /** Not shown and not suggested. */
  readonly hidden?: boolean
  /** False: any number of positionals. */
  readonly strict?: boolean
}

/** The program as the normaliser sees it. */
export interface ProgramShape {
  readonly bin: string
  readonly commands: readonly CommandShape[]
}

/** `admin:tunnels:get` → `tunnel-client admin tunnels get`, as a person types it. */
export const spoken = (bin: string, id: string): string => [bin, ...id.split(':').filter(Boolean)].join(' ')
