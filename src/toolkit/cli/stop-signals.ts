// SIGINT and SIGTERM as two abort signals: the first asks to finish, the second means now. SIGHUP means a lost terminal
// where there was one; without one it asks for the log files to be opened again, as SIGUSR1 does: Node undoes what `nohup`
// has set.

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
  /** Calls `listener` when log files shall be opened again: at SIGUSR1, and at a SIGHUP that does not stop. */
  onReopen(listener: () => void): void
  /** Takes the handlers away. */
  dispose(): void
}

/** How long a command that was told to stop may still clean up before the process ends without it, in milliseconds. */
const CLEANUP_MS = 3000

/**
 * Signals that follow an earlier one this soon are one request, in milliseconds: npm and the shell between pass one Ctrl-C
 * on to a program that has received it from the terminal already. A deliberate second Ctrl-C takes longer.
 */
const SAME_REQUEST_MS = 500

/**
 * Watches the signals until disposed.
 *
 * @param options.patience signals that may pass before the process is ended from here (1 for one-shot commands, 2 for
 * daemons); after them the command has 3 seconds to clean up, and a further signal ends it at once.
 * @param options.end ends the process; never called when the command ends by itself in time.
 * @param options.hangUp what SIGHUP does. `stop`: the same as one SIGTERM, however often it comes (a closing terminal sends
 * several). `reopen`: log files are opened again. Default: it ends the process, as for any program.
 */
export function watchStopSignals({
  patience,
  end,
  hangUp,
}: {
  patience: 1 | 2
  end: () => void
  hangUp?: 'stop' | 'reopen'
}): StopSignals {
  const asked = new AbortController()
  const now = new AbortController()
  let seen = 0
  let first: NodeJS.Signals | null = null
  let last = Number.NEGATIVE_INFINITY
  let alarm: NodeJS.Timeout | undefined
  const reopening: (() => void)[] = []
  const onReopen = (): void => {
    for (const listener of reopening) listener()
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    const at = performance.now()
    if (at - last < SAME_REQUEST_MS) return
    last = at
    seen += 1
    first ??= signal
    asked.abort()
    if (seen > 1) now.abort()
    if (seen === patience) alarm = setTimeout(end, CLEANUP_MS).unref()
    if (seen > patience) end()
  }
  const onHangUp = (): void => {
    if (hangUp === 'reopen') onReopen()
    else if (first === null) onSignal('SIGHUP')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGUSR1', onReopen)
  if (hangUp !== undefined) process.on('SIGHUP', onHangUp)
  return {
    asked: asked.signal,
    now: now.signal,
    signal: () => first,
    request: () => asked.abort(),
    onReopen: (listener) => {
      reopening.push(listener)
    },
    dispose: () => {
      clearTimeout(alarm)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      process.off('SIGHUP', onHangUp)
      process.off('SIGUSR1', onReopen)
    },
  }
}
