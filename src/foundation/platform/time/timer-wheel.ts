// Thousands of deadlines on one system timer: a deadline per call through setTimeout costs more than the call's own work.
// Deadlines that fall into the same tick share a bucket; the system timer sleeps until the earliest bucket that is in use.

import type {Clock, Instant} from '../clock.ts'

/** A deadline on a {@link TimerWheel}. Opaque; hand it back to `clear`. */
export interface Timer {
  readonly at: Instant
}

/** Many deadlines on one system timer, which stops (and no longer holds the process) when none is left. */
export interface TimerWheel {
  /**
   * Calls `fn` once at `instant` or up to one tick later, never before. Whoever ends a network operation from `fn` goes
   * through `lateCheck` first.
   */
  at(instant: Instant, fn: () => void): Timer
  /** Forgets a deadline. Harmless when it has fired or was cleared. */
  clear(timer: Timer): void
}

/** What {@link createTimerWheel} needs. */
export interface TimerWheelOptions {
  readonly clock: Clock
  /** Width of a bucket in milliseconds. Default 10. */
  readonly tickMs?: number
}

interface Node extends Timer {
  fn: (() => void) | null
  bucket: Bucket | null
  before: Node | null
  after: Node | null
}

interface Bucket {
  readonly tick: number
  first: Node | null
  last: Node | null
}

/** Longest sleep of a system timer; later buckets are looked at again then. */
const LONGEST_SLEEP_MS = 2 ** 30

/** A wheel on `clock`. */
export function createTimerWheel({clock, tickMs = 10}: TimerWheelOptions): TimerWheel {
  const buckets = new Map<number, Bucket>()
  const order = createHeap()
  let live = 0
  let system: NodeJS.Timeout | null = null
  let armedFor = Number.POSITIVE_INFINITY

  const arm = (tick: number): void => {
    if (system) clearTimeout(system)
    armedFor = tick
    const wait = Math.max(1, Math.ceil(tick * tickMs - clock.now()))
    system = setTimeout(turn, Math.min(wait, LONGEST_SLEEP_MS))
  }

  const turn = (): void => {
    system = null
    armedFor = Number.POSITIVE_INFINITY
    const now = clock.now()
    const due: Bucket[] = []
    for (let tick = order.peek(); tick !== undefined && tick * tickMs <= now; tick = order.peek()) {
      order.pop()
      const bucket = buckets.get(tick)
      buckets.delete(tick)
      if (bucket) due.push(bucket)
    }
    try {
      for (const bucket of due) fire(bucket)
    } finally {
      // What a throwing callback left behind is due at once; nothing is lost.
      for (const bucket of due) if (bucket.first) requeue(bucket)
      if (live === 0) {
        buckets.clear()
        order.clear()
      }
      const next = order.peek()
      if (next !== undefined && next < armedFor) arm(next)
    }
  }

  const fire = (bucket: Bucket): void => {
    for (let node = bucket.first; node; node = bucket.first) {
      const {fn} = node
      unlink(node)
      fn?.()
    }
  }

  const requeue = (bucket: Bucket): void => {
    const known = buckets.get(bucket.tick)
    if (!known) {
      buckets.set(bucket.tick, bucket)
      order.push(bucket.tick)
      return
    }
    for (let node = bucket.first; node; node = bucket.first) {
      const {fn} = node
      unlink(node)
      if (fn) link(node, known, fn)
    }
  }

  const link = (node: Node, bucket: Bucket, fn: () => void): void => {
    node.fn = fn
    node.bucket = bucket
    node.before = bucket.last
    node.after = null
    if (bucket.last) bucket.last.after = node
    else bucket.first = node
    bucket.last = node
    live += 1
  }

  const unlink = (node: Node): void => {
    const {bucket} = node
    if (!bucket) return
    if (node.before) node.before.after = node.after
    else bucket.first = node.after
    if (node.after) node.after.before = node.before
    else bucket.last = node.before
    node.fn = null
    node.bucket = null
    node.before = null
    node.after = null
    live -= 1
  }

  return {
    at(instant, fn) {
      const tick = Math.ceil(instant / tickMs)
      let bucket = buckets.get(tick)
      if (!bucket) {
        bucket = {tick, first: null, last: null}
        buckets.set(tick, bucket)
        order.push(tick)
      }
      const node: Node = {at: instant, fn: null, bucket: null, before: null, after: null}
      link(node, bucket, fn)
      if (tick < armedFor) arm(tick)
      else if (live === 1) system?.ref()
      return node
    },
    clear(timer) {
      const node = timer as Node
      if (!node.bucket) return
      unlink(node)
      // Kept for the next deadline, which usually comes at once; until then it does not hold the process.
      if (live === 0) system?.unref()
    },
  }
}

/** A binary heap of ticks, smallest first. */
function createHeap(): {peek(): number | undefined; pop(): void; push(value: number): void; clear(): void} {
  const heap: number[] = []
  const swap = (a: number, b: number): void => {
    const kept = heap[a]!
    heap[a] = heap[b]!
    heap[b] = kept
  }
  return {
    peek: () => heap[0],
    clear: () => {
      heap.length = 0
    },
    push(value) {
      let at = heap.push(value) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (heap[parent]! <= heap[at]!) return
        swap(parent, at)
        at = parent
      }
    },
    pop() {
      const last = heap.pop()
      if (last === undefined || heap.length === 0) return
      heap[0] = last
      for (let at = 0; ; ) {
        const left = 2 * at + 1
        const right = left + 1
        let least = at
        if (left < heap.length && heap[left]! < heap[least]!) least = left
        if (right < heap.length && heap[right]! < heap[least]!) least = right
        if (least === at) return
        swap(least, at)
        at = least
      }
    },
  }
}
