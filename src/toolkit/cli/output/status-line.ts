// One line below the output that is written over again, at a terminal only. Whatever happens, it is taken away in the end.

import {printable} from '../../../foundation/platform/index.ts'
import type {TextSink} from '../host.ts'

/** A line that stays last. */
export interface StatusLine {
  /** Replaces it. */
  show(text: string): void
  /** Takes it away, before something else is written and at the end. */
  clear(): void
}

const TAKE_AWAY = '\r\u001b[2K'

/** A line on `stream`; one that never shows anything where `stream` is no terminal, or a dumb one. */
export function createStatusLine(stream: TextSink, env: Readonly<Record<string, string | undefined>>): StatusLine {
  const works = stream.isTTY && env.TERM !== 'dumb'
  let shown = ''
  const clear = (): void => {
    if (shown !== '') stream.write(TAKE_AWAY)
    shown = ''
  }
  return {
    clear,
    show: (text) => {
      // One that is too long would wrap, and only its last part could be taken away.
      const line = printable(text).slice(0, Math.max(0, (stream.columns ?? 80) - 1))
      if (!works || line === shown) return
      clear()
      stream.write(line)
      shown = line
    },
  }
}
