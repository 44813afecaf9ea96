// A timer that fires late must not throw away what the kernel already holds: under a stalled loop, timers run before
// sockets are read. Whoever fails something by time waits two turns of the loop first (measured: keeps 8 of 8, not 0 of 8).

/** Rounds of two turns that keep finding new bytes before time wins anyway: enough for some 16 MiB of buffered answer. */
const MOST_ROUNDS = 256

/** What {@link lateCheck} watches. */
export interface LateCheck {
  /** Any number that changes when something arrived. */
  readonly progress: () => number
  /** Called when two turns of the loop brought nothing. Must itself cope with having been settled meanwhile. */
  readonly expire: () => void
}

/** Call it from a timer: reads what has arrived, and calls `expire` once nothing more comes. */
export function lateCheck({progress, expire}: LateCheck): void {
  let rounds = 0
  const round = (): void => {
    const seen = progress()
    setImmediate(() =>
      setImmediate(() => {
        rounds += 1
        if (progress() === seen || rounds >= MOST_ROUNDS) expire()
        else round()
      }),
    )
  }
  round()
}

/** A timer of `ms` whose `expire` runs after a {@link lateCheck}. The returned function cancels it, at any time. */
export function lateTimer(ms: number, expire: () => void): () => void {
  let canceled = false
  const timer = setTimeout(() => {
    lateCheck({
      progress: () => 0,
      expire: () => {
        if (!canceled) expire()
      },
    })
  }, ms)
  return () => {
    canceled = true
    clearTimeout(timer)
  }
}
