// The channels of a tunnel as the line sees them: how much of it each takes, and when a daemon last came for it. A channel
// that nobody works off, or not fast enough, must leave room for the calls of the others.

import type {Instant} from '../../../foundation/platform/index.ts'

/** One channel; or all those that no poll has named, which share one. */
export interface Lane {
  /** Calls in the line. */
  calls: number
  /** Bytes of calls in the line, or still arriving. */
  bytes: number
  /** When a daemon last asked for this channel by its name. */
  seenAt: Instant | null
}

/** Of one lane alone; all lanes together take less than twice as much. */
export interface LaneLimits {
  readonly maxCommands: number
  readonly maxBytes: number
}

/** Callers make names up, and daemons may: so many channels get a lane of their own. */
const MOST = 64

const empty = (): Lane => ({calls: 0, bytes: 0, seenAt: null})

/** The lanes of one tunnel. */
export class Lanes {
  readonly #limits: LaneLimits
  readonly #named = new Map<string, Lane>([['main', empty()]])
  readonly #others = empty()
  /** Of all lanes together; only the numbers count. */
  readonly #all = empty()

  constructor(limits: LaneLimits) {
    this.#limits = limits
  }

  /** Calls in the line and bytes, of all lanes. */
  get total(): Readonly<Lane> {
    return this.#all
  }

  /** Where calls of this channel are counted, for as long as they are. */
  of(channel: string): Lane {
    return this.#named.get(channel) ?? this.#others
  }

  /** True when there is room for one more call of `bytes`: the more others hold, the less a lane may have. */
  hasRoom(lane: Lane, bytes: number): boolean {
    return lane.calls + this.#all.calls < 2 * this.#limits.maxCommands && this.hasRoomForBytes(lane, bytes)
  }

  /** As {@link hasRoom}, for what is let in whatever the number of calls. What is larger finds room in an empty line. */
  hasRoomForBytes(lane: Lane, bytes: number): boolean {
    const all = this.#all.bytes
    return all === 0 || lane.bytes + all + 2 * bytes <= 2 * this.#limits.maxBytes
  }

  /** Counts a call that comes or, with -1, goes. */
  count(lane: Lane, by: 1 | -1, bytes: number): void {
    lane.calls += by
    this.#all.calls += by
    this.hold(lane, by * bytes)
  }

  /** Counts bytes of a call that is not in the line yet; negative when they are let go. */
  hold(lane: Lane, bytes: number): void {
    lane.bytes += bytes
    this.#all.bytes += bytes
  }

  /** A daemon is there for these channels; null: for all. */
  seen(channels: ReadonlySet<string> | null, now: Instant): void {
    if (channels === null) {
      this.#all.seenAt = now
      return
    }
    for (const channel of channels) {
      let lane = this.#named.get(channel)
      if (lane === undefined) {
        if (this.#named.size >= MOST) continue
        lane = empty()
        this.#named.set(channel, lane)
      }
      lane.seenAt = now
    }
  }

  /** When a daemon was last there for calls of this lane; null: never. */
  seenAt({seenAt}: Lane): Instant | null {
    const all = this.#all.seenAt
    if (seenAt === null || all === null) return seenAt ?? all
    return Math.max(seenAt, all)
  }
}
