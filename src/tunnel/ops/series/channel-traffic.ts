// The last five minutes of one channel: six slots of a minute, so that the oldest falls out whole.

import {LatencyBuckets} from './latency-buckets.ts'

const MINUTE_MS = 60_000
const SLOTS = 6

interface Slot {
  minute: number
  calls: number
  failures: number
  readonly latency: LatencyBuckets
}

/** What a channel did in the last five to six minutes. */
export interface RecentTraffic {
  readonly calls: number
  readonly failures: number
  readonly p50: number | null
  readonly p95: number | null
}

/** Counts the calls of one channel. */
export class ChannelTraffic {
  readonly #slots: Slot[] = Array.from({length: SLOTS}, () => ({
    minute: -1,
    calls: 0,
    failures: 0,
    latency: new LatencyBuckets(),
  }))

  /** A call has ended. `ms`: null when it has no time that says anything. */
  add(wall: number, call: {readonly failed: boolean; readonly ms: number | null}): void {
    const minute = Math.floor(wall / MINUTE_MS)
    const slot = this.#slots[minute % SLOTS] as Slot
    if (slot.minute !== minute) {
      slot.minute = minute
      slot.calls = 0
      slot.failures = 0
      slot.latency.clear()
    }
    slot.calls += 1
    if (call.failed) slot.failures += 1
    if (call.ms !== null) slot.latency.add(call.ms)
  }

  recent(wall: number): RecentTraffic {
    const newest = Math.floor(wall / MINUTE_MS)
    const all = new LatencyBuckets()
    let calls = 0
    let failures = 0
    for (const slot of this.#slots) {
      // A clock that was set back leaves slots of the future.
      if (slot.minute <= newest - SLOTS || slot.minute > newest) continue
      calls += slot.calls
      failures += slot.failures
      all.take(slot.latency)
    }
    return {calls, failures, p50: all.percentile(0.5), p95: all.percentile(0.95)}
  }
}
