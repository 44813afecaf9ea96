// The log of an embedded daemon or service goes to the logger of the program around it, scrubbed, and nowhere else.

import {Writable} from 'node:stream'
import type {LogRecord, LogWriter} from '../../foundation/platform/index.ts'
import {silentLogger} from '../../foundation/platform/index.ts'
import type {LogLevel, TunnelLogger} from './options.ts'

/** A stream that swallows what is rendered for a terminal. */
export const nowhere = (): Writable => new Writable({write: (_chunk, _encoding, done) => done()})

/** Hands a record to a logger. What a logger throws must not reach the daemon. */
export function tell(
  logger: TunnelLogger | undefined,
  {level, message, attrs}: Pick<LogRecord, 'level' | 'message' | 'attrs'>,
): void {
  try {
    logger?.[level.toLowerCase() as LogLevel]?.(message, {...attrs})
  } catch {}
}

/** For whoever gave no logger: nothing is rendered, and what renders is not loaded. */
export const silentWriter: LogWriter = {
  logger: silentLogger,
  level: () => 'error',
  setLevel: () => {},
  flush: () => Promise.resolve(),
  reopen: async () => {},
  close: () => Promise.resolve(),
}
