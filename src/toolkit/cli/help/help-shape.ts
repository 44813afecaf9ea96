// What help shows of a command: more of the manifest than the normaliser needs.

import type {CommandShape, FlagShape} from '../argv/command-shape.ts'

/** A flag with what help says about it. */
export interface FlagHelp extends FlagShape {
  readonly summary?: string
  readonly hidden?: boolean
  readonly helpGroup?: string
  /** Placeholder of the value, for example `URL`. */
  readonly helpValue?: string
  readonly default?: unknown
  readonly options?: readonly string[]
}

/** An argument with what help says about it. */
export interface ArgHelp {
  readonly name: string
  readonly required?: boolean
  readonly description?: string
}

/** A command with what help says about it. */
export interface CommandHelp extends CommandShape {
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly string[]
  readonly flags?: Readonly<Record<string, FlagHelp>>
  readonly args?: Readonly<Record<string, ArgHelp>>
}

/** The whole program as help sees it. */
export interface ProgramHelp {
  readonly bin: string
  readonly version: string
  readonly description: string
  readonly commands: readonly CommandHelp[]
  /** Descriptions of groups, by id. */
  readonly topics: Readonly<Record<string, {readonly description?: string; readonly hidden?: boolean}>>
}
