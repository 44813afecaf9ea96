// Whether the service has more for us than we let in: polls that come back as full as they may be, one after another.

import type {Clock, Instant} from '../../../foundation/platform/index.ts'

/** The watch over full polls. */
export interface FullPolls {
  /** A poll brought that many commands. */
  note(commands: number): void
  /** The limit binds: several came back full, lately. */
  bind(): boolean
}

const SEVERAL = 8
const LATELY_MS = 60_000

/** `most`: what one poll may bring. */
export function createFullPolls({clock, most}: {readonly clock: Clock; readonly most: number}): FullPolls {
  /** When the last few full ones came, the oldest first in turn. */
  const times: Instant[] = new Array<Instant>(SEVERAL).fill(Number.NEGATIVE_INFINITY)
  let next = 0
  return {
    note: (commands) => {
      if (commands < most) return
      times[next] = clock.now()
      next = (next + 1) % SEVERAL
    },
    bind: () => clock.now() - (times[next] as Instant) < LATELY_MS,
  }
}
