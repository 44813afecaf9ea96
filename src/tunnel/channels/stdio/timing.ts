// Every duration of supervising a child, in one place and in milliseconds, so that tests can be quick and readers sure.

/** See {@link DEFAULT_TIMING}. */
export interface StdioTiming {
  /** Waits before the restarts that follow each other without proof that the child works. One more crash: give up. */
  readonly restartAfter: readonly number[]
  /** A child that has written a message or received a request, though it has answered no call, is restarted after this at the latest, … */
  readonly restartHeardAfter: number
  /** … and given up after so many in a row: it may be the calls that end it. */
  readonly mostHeard: number
  /** Waits before it is tried again where the host had no room for a process; the last one holds from then on. */
  readonly starvedAfter: readonly number[]
  /** A child that lived this long counts as one that works. */
  readonly provenAfter: number
  /** A ping is waited for this long before the evidence says so. */
  readonly pingTimeout: number
  /** Silence after which an idle child is asked. */
  readonly idle: number
  /** Between two looks at a child that did not answer. */
  readonly silentLook: number
  /** A child that has answered before, has been silent for this long and has left all pings unanswered hangs: it is ended. */
  readonly hangs: number
  /** Before its first handshake a child counts as ready when it has run this long. Restarted, it gets the calls that wait. */
  readonly startsWithin: number
  /** The same before calls go to a child whose predecessor failed to start. */
  readonly provesStart: number
  readonly stop: {readonly afterEof: number; readonly afterTerm: number}
}

/** The first restart comes at once: the next call shall not wait. */
export const DEFAULT_TIMING: StdioTiming = {
  restartAfter: [50, 500, 1000, 2000],
  restartHeardAfter: 500,
  mostHeard: 20,
  starvedAfter: [100, 500, 1000],
  provenAfter: 30_000,
  pingTimeout: 2000,
  idle: 30_000,
  silentLook: 5000,
  hangs: 60_000,
  startsWithin: 250,
  provesStart: 2000,
  stop: {afterEof: 1000, afterTerm: 1500},
}
