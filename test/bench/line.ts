// What a line of the bench is: what it must reach, how it is measured, and what came out.

import type {Client} from './stack/stack.ts'

/** What every line is given. */
export interface BenchContext {
  /** The floor, ours, and whatever `--client` named, in this order. */
  readonly clients: readonly Client[]
  readonly ours: Client
  /** Slices per client; the median counts. */
  readonly rounds: number
  /** Length of a slice. */
  readonly seconds: number
  /** Shorter versions of what takes minutes: figures for developers, not for claims. */
  readonly quick: boolean
  /** Calls of the soak line; 0: it was not asked for. */
  readonly soakCalls: number
  /** Seed of the random pauses of stdio-churn. */
  readonly seed: number
  /** Ids or parts of names that were asked for; empty: all. */
  readonly only: readonly string[]
  /** Folder for files of the run; removed at the end. */
  readonly folder: string
  /** Tells whoever watches what goes on. */
  say(text: string): void
}

/** Figures of one client: a number is printed with two or three digits, a text as it is. */
export interface ClientFigures {
  readonly client: string
  readonly figures: Readonly<Record<string, number | string | null>>
}

/** What came out. */
export interface LineResult {
  readonly id: string
  readonly name: string
  /** "ours must reach", in words. */
  readonly target: string
  /** What ours reached, in the same words. */
  readonly reached: string
  /** Null: it cannot be judged, `reached` says why. */
  readonly met: boolean | null
  readonly rows: readonly ClientFigures[]
}

/** Lines that share their processes. */
export interface LineGroup {
  /** For `--only`. */
  readonly lines: readonly {readonly id: string; readonly name: string}[]
  /** Runs only when it is named, because it takes long. */
  readonly onDemand?: (context: BenchContext) => boolean
  /** Measures those of its lines that are wanted. */
  run(context: BenchContext, wanted: (id: string) => boolean): Promise<LineResult[]>
}

/** `1.23`, `-` for what could not be measured. */
export const digits = (value: number | null | undefined, places = 2): string =>
  value === null || value === undefined || Number.isNaN(value) ? '-' : value.toFixed(places)
