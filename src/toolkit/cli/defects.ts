// A defect somewhere in a daemon: an error that nobody caught. What state it left is unknown, so the process has to end,
// but in order: calls that were taken are answered, files and children go.

import {redactSecrets} from '../../foundation/platform/index.ts'

/** The watch over uncaught errors. */
export interface Defects {
  /** The first one, as it was thrown; null while there is none. */
  first(): {readonly thrown: unknown} | null
  /** Takes the handler away: from now on Node ends the process as usual. */
  dispose(): void
}

/** Watches until disposed. `stop` is asked once, at the first defect; a later one ends the process with `end`. */
export function watchDefects({stop, end}: {stop: () => void; end: () => void}): Defects {
  let found: {readonly thrown: unknown} | null = null
  const onDefect = (thrown: unknown): void => {
    process.stderr.write(redactSecrets(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`))
    if (found !== null) {
      end()
      return
    }
    found = {thrown}
    stop()
  }
  process.on('uncaughtException', onDefect)
  return {
    first: () => found,
    dispose: () => {
      process.off('uncaughtException', onDefect)
    },
  }
}
