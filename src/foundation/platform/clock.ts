// Time comes in as a value, so that tests can drive it.

/** Milliseconds on the monotonic clock of this process (not since the epoch). */
export type Instant = number

/** The two clocks, and sleeping. */
export interface Clock {
  /** Monotonic, for deadlines and durations. */
  now(): Instant
  /** Milliseconds since the epoch, for what people read. */
  wall(): number
}

/** The clocks of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
}
