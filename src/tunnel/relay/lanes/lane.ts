// One lane per channel: its own slots and its own queue, so that a slow channel never blocks another. Keeps the start order
// of each session and lets nothing of a session start while one of its notifications is still on its way.

import {InFlight, type Instant} from '../../../foundation/platform/index.ts'

/** What a lane orders. */
export interface LaneTask {
  /** Tells it from all others. */
  readonly requestId: string
  readonly session: string
  /** False for what the server owes no work for. */
  readonly needsSlot: boolean
  /** Called once, when it may start; its slot is taken already. */
  start(): void
}

/** How long a queue that starts nothing still counts as moving. */
const STUCK_MS = 1_000

/** Queue and slots of one channel. */
export class Lane<T extends LaneTask> {
  readonly channel: string
  /** Everything that was offered and is not over. */
  readonly active = new InFlight<string, T>()
  readonly #slots: number
  readonly #capacity: number
  readonly #now: () => Instant
  readonly #onSpace: () => void
  readonly #queue: T[] = []
  readonly #gates = new Map<string, number>()
  #running = 0
  #lastStart: Instant
  #pumping = false
  #isHalted = false
  #again = false

  constructor(options: {
    readonly channel: string
    /** Tasks that run at the same time. */
    readonly slots: number
    /** Tasks that wait. */
    readonly capacity: number
    readonly now: () => Instant
    /** The queue got shorter. */
    readonly onSpace: () => void
  }) {
    this.channel = options.channel
    this.#slots = options.slots
    this.#capacity = options.capacity
    this.#now = options.now
    this.#onSpace = options.onSpace
    this.#lastStart = options.now()
  }

  get queued(): number {
    return this.#queue.length
  }

  get running(): number {
    return this.#running
  }

  get free(): number {
    return this.#capacity - this.#queue.length
  }

  /** True when tasks wait and none has started for a second. */
  get stuck(): boolean {
    return this.#queue.length > 0 && this.#now() - this.#lastStart > STUCK_MS
  }

  /** Starts the task, or queues it; `full`: neither is possible. */
  offer(task: T): 'started' | 'queued' | 'full' {
    if (this.#mayStart(task, this.#queue.length)) {
      this.active.add(task.requestId, task)
      this.#start(task)
      return 'started'
    }
    if (this.#queue.length >= this.#capacity) return 'full'
    this.active.add(task.requestId, task)
    this.#queue.push(task)
    return 'queued'
  }

  /** Takes a waiting task out. */
  withdraw(task: T): void {
    const at = this.#queue.indexOf(task)
    if (at < 0) return
    this.#queue.splice(at, 1)
    this.active.delete(task.requestId)
    this.#onSpace()
    this.#pump()
  }

  /** The server owes the task nothing any more. */
  releaseSlot(): void {
    this.#running -= 1
    if (this.#queue.length > 0) this.#pump()
  }

  /** The server works for the task again: its slot is taken at once, also when that is one more than there are. */
  retakeSlot(): void {
    this.#running += 1
  }

  /** From now on nothing starts: what is offered waits. */
  halt(): void {
    this.#isHalted = true
  }

  /** The task is over. */
  forget(task: T): void {
    this.active.delete(task.requestId)
  }

  /** Holds back the later tasks of a session. */
  close(session: string): void {
    this.#gates.set(session, (this.#gates.get(session) ?? 0) + 1)
  }

  /** Undoes one {@link close}. */
  open(session: string): void {
    const left = (this.#gates.get(session) ?? 1) - 1
    if (left > 0) this.#gates.set(session, left)
    else this.#gates.delete(session)
    if (this.#queue.length > 0) this.#pump()
  }

  #mayStart(task: T, ahead: number): boolean {
    if (this.#isHalted) return false
    if (task.needsSlot && this.#running >= this.#slots) return false
    if (this.#gates.size > 0 && this.#gates.has(task.session)) return false
    for (let i = 0; i < ahead; i++) if (this.#queue[i]!.session === task.session) return false
    return true
  }

  #start(task: T): void {
    if (task.needsSlot) this.#running += 1
    this.#lastStart = this.#now()
    task.start()
  }

  /** Starts what may start. A start can end tasks at once, so it may be called from within itself. */
  #pump(): void {
    if (this.#pumping) {
      this.#again = true
      return
    }
    this.#pumping = true
    try {
      do {
        this.#again = false
        const held = new Set<string>()
        for (let i = 0; i < this.#queue.length && !this.#again; ) {
          const task = this.#queue[i]!
          if (held.has(task.session) || !this.#mayStart(task, 0)) {
            held.add(task.session)
            i++
            continue
          }
          this.#queue.splice(i, 1)
          this.#onSpace()
          this.#start(task)
        }
      } while (this.#again)
    } finally {
      this.#pumping = false
    }
  }
}
