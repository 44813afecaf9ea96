// What a fault is: a name, a way to do harm while callers call, and what must come of it.

import type {World} from './world.ts'

/** How the daemon reaches the MCP server. */
export type Transport = 'http' | 'stdio'

/** What must come of a fault. */
export interface Expectation {
  /**
   * Outcomes that affected calls may have: `right`, failure classes, error codes of the service. Everything else is a
   * finding, and so is a call that is not affected and not right (1 % of them may fail, with a typed failure).
   */
  readonly affected: readonly string[]
  /** At least one affected call ends with each of these: the fault did happen, and this is its name. */
  readonly seen?: readonly string[]
  /** Failure classes that the daemon itself must name in its log: of polls, of answers that it could not post. */
  readonly logged?: readonly string[]
  /** Longest time of an affected call, in milliseconds. Default 12 s. */
  readonly within?: number
  /** p99 of calls that are not affected, in milliseconds. Default 8 s. More where they wait in line behind the harm. */
  readonly calm?: number
  /** Longest time from the end of the harm to a ready tunnel and a right call, in milliseconds. Default 15 s. */
  readonly recovers?: number
  /** The daemon process ends by itself with this status; the runner then starts another. */
  readonly exit?: number
}

/** One fault. */
export interface Fault {
  /** As in the table, in kebab-case. */
  readonly name: string
  readonly transports: readonly Transport[]
  /**
   * `shared`: one tunnel for all of them, one after the other (default). `own`: in the same order, on a tunnel of its own.
   * `slow`: lasts long and has a tunnel of its own, beside the others.
   */
  readonly tunnel?: 'shared' | 'own' | 'slow'
  /** Further flags of the daemon and the service of a tunnel that is not shared. */
  readonly daemonFlags?: Readonly<Record<string, string>>
  readonly serviceFlags?: Readonly<Record<string, string>>
  /** Argv of the MCP server over stdio, made from the path of its journal; for tunnels that are not shared. */
  readonly server?: (journal: string) => readonly string[]
  /** The daemon is ready only after a caller has had an answer. */
  readonly readyAfterCall?: boolean
  /** Calls of each caller. Default 4. */
  readonly rounds?: number
  /** Arguments of a call beside its key; `hit` tells whether the fault is meant for it. */
  readonly args?: (hit: boolean) => Readonly<Record<string, unknown>>
  /** The callers begin when the harm is done, not with it. */
  readonly first?: boolean
  /** Does the harm. Runs beside the callers; what it has set up is taken back by the runner. */
  readonly inject: (world: World) => Promise<void> | void
  readonly expect: Expectation
}

/** Calls whose keys are like this are the ones that faults aim at: one of each fourth caller. */
export const isHit = (key: string): boolean => key.endsWith('!')
