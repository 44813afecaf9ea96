// Stopping is a procedure with two steps: the first signal asks, the second insists. This turns both into values.

/** What asked for the end. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/** The two steps. */
export interface StopSignals {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly first: Promise<StopSignal>
  /** Resolves at any further one. */
  readonly second: Promise<StopSignal>
  /** Which signal has come, if one has. */
  seen(): StopSignal | null
  /** Gives the signals back to the system. */
  dispose(): void
}

/** Listens from now on. SIGHUP keeps its default meaning, as with the reference. */
export function stopSignals(source: NodeJS.EventEmitter = process): StopSignals {
  const first = deferred<StopSignal>()
  const second = deferred<StopSignal>()
  let seen: StopSignal | null = null
  const on = (signal: StopSignal) => (): void => {
    if (seen === null) {
      seen = signal
      first.resolve(signal)
    } else second.resolve(signal)
  }
  const onInt = on('SIGINT')
  const onTerm = on('SIGTERM')
  source.on('SIGINT', onInt)
  source.on('SIGTERM', onTerm)
  return {
    first: first.promise,
    second: second.promise,
    seen: () => seen,
    dispose: () => {
      source.off('SIGINT', onInt)
      source.off('SIGTERM', onTerm)
    },
  }
}

function deferred<T>(): {promise: Promise<T>; resolve: (value: T) => void} {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return {promise, resolve}
}
