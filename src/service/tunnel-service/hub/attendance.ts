// Whether a daemon is there for a channel, or comes often enough. Calls of a channel that none has come for are ended.

import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import {ApiError} from '../api-error.ts'
import type {Clients} from './clients.ts'
import type {CommandQueue} from './command-queue.ts'
import type {Lane, Lanes} from './lanes.ts'
import {type Poll, serves} from './poll.ts'

/** In which way a channel has no daemon. */
export type Absence = 'tunnel_client_not_seen' | 'tunnel_client_not_connected' | null

/** What {@link Attendance} looks at. */
export interface AttendanceOptions {
  readonly clock: Clock
  readonly queue: CommandQueue
  readonly lanes: Lanes
  readonly clients: Clients
  /** Those that wait. */
  readonly polls: ReadonlySet<Poll>
  /** Milliseconds that a call waits without a daemon. */
  readonly patienceMs: number
}

/** Timers of the same moment are one. */
const STEP_MS = 10

/** Watches over the line of one tunnel. */
export class Attendance {
  readonly #options: AttendanceOptions
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: AttendanceOptions) {
    this.#options = options
  }

  /** Why nobody takes a call of this channel, if that is so. */
  absence(channel: string): Absence {
    const {clock, lanes, clients, patienceMs} = this.#options
    if (this.#isThere(channel)) return null
    const seenAt = lanes.seenAt(lanes.of(channel))
    if (seenAt === null || clock.now() - seenAt >= patienceMs) return 'tunnel_client_not_seen'
    return clients.isConnected(channel) ? null : 'tunnel_client_not_connected'
  }

  /** A call has come into the line. The first look at it is due when it has waited as long as a call may without a daemon. */
  watch(): void {
    // At the end connections are cut, and their calls come back to the line: they are answered already.
    if (this.#isClosed) return
    this.#timer ??= setTimeout(() => this.#look(), Math.max(STEP_MS, this.#options.patienceMs))
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #isThere(channel: string): boolean {
    for (const poll of this.#options.polls) if (serves(poll, channel)) return true
    // Whoever has full hands does not poll, and comes when something is finished.
    return this.#options.clients.isBusy(channel)
  }

  #look(): void {
    const {clock, queue, patienceMs} = this.#options
    const now = clock.now()
    let wait = patienceMs
    for (let command = queue.first; command !== null; ) {
      const {next, channel, lane, enqueuedAt} = command
      const waits = now - Math.max(enqueuedAt, this.#attendedAt(channel, lane, now))
      if (waits < patienceMs) wait = Math.min(wait, patienceMs - waits)
      else command.caller.fail(notSeen(channel))
      command = next
    }
    this.#timer = undefined
    if (queue.first !== null && !this.#isClosed)
      this.#timer = setTimeout(() => this.#look(), Math.max(STEP_MS, Math.ceil(wait)))
  }

  #attendedAt(channel: string, lane: Lane, now: Instant): Instant {
    return this.#isThere(channel) ? now : (this.#options.lanes.seenAt(lane) ?? 0)
  }
}

const notSeen = (channel: string): ApiError =>
  new ApiError('tunnel_client_not_seen', `no tunnel-client has polled for ${placeOf(channel)}`, {retryAfter: 5})

/** What a daemon would have to poll for, in words. */
export const placeOf = (channel: string): string =>
  channel === 'main' ? 'this tunnel' : `channel ${channel} of this tunnel`
