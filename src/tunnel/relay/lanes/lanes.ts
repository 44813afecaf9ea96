// The lanes of all channels: one is made when its channel is first spoken of, and all are looked at for the room that is
// left and for the calls under way.

import type {Call} from '../call.ts'
import type {Core} from '../core.ts'
import type {LaneStatus} from '../types.ts'
import {Lane} from './lane.ts'

/** All lanes of one relay. */
export class Lanes {
  readonly #core: Core
  readonly #onSpace: () => void
  readonly #lanes = new Map<string, Lane<Call>>()

  /** `onSpace`: a queue got shorter. */
  constructor(options: {readonly core: Core; readonly onSpace: () => void}) {
    this.#core = options.core
    this.#onSpace = options.onSpace
  }

  /** The lane of a channel. */
  of(channel: string): Lane<Call> {
    let lane = this.#lanes.get(channel)
    if (lane === undefined) {
      const {limits, clock} = this.#core
      lane = new Lane<Call>({
        channel,
        slots: limits.maxConcurrentRequests,
        capacity: limits.maxInflight,
        now: () => clock.now(),
        onSpace: this.#onSpace,
      })
      this.#lanes.set(channel, lane)
    }
    return lane
  }

  /** From now on nothing starts, in any lane. */
  halt(): void {
    for (const lane of this.#lanes.values()) lane.halt()
  }

  /**
   * How many more commands fit: what fits into the fullest lane that still has room. Full lanes do not count, nor do those
   * that stand still, unless there is no other: a dead channel must not close the tap for the rest.
   */
  get free(): number {
    let moving = Number.POSITIVE_INFINITY
    let any = 0
    for (const lane of this.#lanes.values()) {
      const {free} = lane
      if (free <= 0) continue
      any = Math.max(any, free)
      if (!lane.stuck) moving = Math.min(moving, free)
    }
    if (this.#lanes.size === 0) return this.#core.limits.maxInflight
    return Number.isFinite(moving) ? moving : any
  }

  /** The call of a request id, or undefined when it is over or unknown. */
  find(requestId: string): Call | undefined {
    for (const lane of this.#lanes.values()) {
      const call = lane.active.get(requestId)
      if (call !== undefined) return call
    }
    return undefined
  }

  /** Every call that is not over. */
  active(): Call[] {
    return [...this.#lanes.values()].flatMap((lane) => [...lane.active])
  }

  queue(): {length: number; capacity: number} {
    let length = 0
    for (const lane of this.#lanes.values()) length += lane.queued
    return {length, capacity: this.#core.limits.maxInflight * Math.max(1, this.#lanes.size)}
  }

  workers(): {occupancy: number; capacity: number} {
    let occupancy = 0
    for (const lane of this.#lanes.values()) occupancy += lane.running
    return {occupancy, capacity: this.#core.limits.maxConcurrentRequests * Math.max(1, this.#lanes.size)}
  }

  list(): LaneStatus[] {
    return [...this.#lanes.values()].map(({channel, queued, running}) => ({channel, queued, running}))
  }
}
