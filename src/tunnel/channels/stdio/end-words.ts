// How a server process ended, in the words of logs, states and failures: the exit code or the signal is what people search for.

import type {ChildExit} from '../../../foundation/platform/index.ts'
import type {ChildEnd} from './child.ts'

/**
 * `exited with code 3`, `ended by SIGKILL`, `stdout closed`, `stdout closed, then exited with code 1`, `hangs`. `exit`: null
 * while the process has not ended.
 */
export function howItEnded(because: ChildEnd['because'], exit: ChildExit | null): string {
  // How one ended that hung is our own doing.
  if (exit === null || because === 'hangs') return because
  return because === 'exited' ? exitText(exit) : `${because}, then ${exitText(exit)}`
}

function exitText({code, signal}: ChildExit): string {
  if (signal !== null) return `ended by ${signal}`
  return code === null ? 'could not be started again' : `exited with code ${code}`
}
