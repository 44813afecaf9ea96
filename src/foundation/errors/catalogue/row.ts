// What one row of the error catalogue says.

import type {ExitName} from '../exit.ts'

/** One stable error code. */
export interface ErrorRow {
  /** What this code means, for the docs page; the message of an instance tells the particulars. */
  readonly title: string
  readonly exit: ExitName
  /** What to do next when the thrower knows nothing better. */
  readonly next: readonly string[]
}
