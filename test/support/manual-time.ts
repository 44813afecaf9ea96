// Time that only moves when a test says so.

import type {Clock, TimerWheel} from '../../src/foundation/platform/index.ts'

/** A clock and a wheel that share one hand. */
export interface ManualTime {
  readonly clock: Clock
  readonly wheel: TimerWheel
  /** Moves on, firing what falls due, in order. */
  advance(ms: number): void
}

/** Starts at 1 000 000 on both clocks. */
export function manualTime(): ManualTime {
  let now = 1_000_000
  const timers = new Set<{at: number; fn: () => void}>()
  return {
    clock: {now: () => now, wall: () => now},
    wheel: {
      at(at, fn) {
        const timer = {at, fn}
        timers.add(timer)
        return timer
      },
      clear: (timer) => {
        timers.delete(timer as {at: number; fn: () => void})
      },
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...timers].filter(({at}) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.fn()
      }
      now = end
    },
  }
}
