// SIGINT and SIGTERM as two abort signals: the first asks to finish, the second means now. And SIGHUP, which means a lost
// terminal where there was one, and nothing where there was none: Node undoes what `nohup` has set.

/** What a command watches to stop in time. */
export interface StopSignals {
  /** Aborted by the first SIGINT or SIGTERM, or by a request. */
  readonly asked: AbortSignal
  /** Aborted by the second one. */
  readonly now: AbortSignal
  /** The signal that came first; null before it. */
  signal(): NodeJS.Signals | null
  /** Asks to finish, as a signal would, for a reason of our own. */
  request(): void
  /** Takes the handlers away. */
  dispose(): void
}

/** How long a command that was told to stop may still clean up before the process ends without it, in milliseconds. */
const CLEANUP_MS = 3000

/**
 * Watches the signals until disposed.
 *
 * @param options.patience signals that may pass before the process is ended from here (1 for one-shot commands, 2 for
 * daemons); after them the command has 3 seconds to clean up, and a further signal ends it at once.
 * @param options.end ends the process; never called when the command ends by itself in time.
 * @param options.hangUp what SIGHUP does. `stop`: the same as one SIGTERM, however often it comes (a closing terminal sends
 * several). `ignore`: nothing. Default: it ends the process, as for any program.
 */
export function watchStopSignals({
  patience,
  end,
  hangUp,
}: {
  patience: 1 | 2
  end: () => void
  hangUp?: 'stop' | 'ignore'
}): StopSignals {
  const asked = new AbortController()
  const now = new AbortController()
  let seen = 0
  let first: NodeJS.Signals | null = null
  let alarm: NodeJS.Timeout | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    seen += 1
    first ??= signal
    asked.abort()
    if (seen > 1) now.abort()
    if (seen === patience) alarm = setTimeout(end, CLEANUP_MS).unref()
    if (seen > patience) end()
  }
  const onHangUp = (): void => {
    if (hangUp === 'stop' && first === null) onSignal('SIGHUP')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  if (hangUp !== undefined) process.on('SIGHUP', onHangUp)
  return {
    asked: asked.signal,
    now: now.signal,
    signal: () => first,
    request: () => asked.abort(),
    dispose: () => {
      clearTimeout(alarm)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      process.off('SIGHUP', onHangUp)
    },
  }
}
