// Remembers which request ids have been taken, so that a redelivered command never runs a tool twice.

import type {Instant} from '../../foundation/platform/index.ts'
import type {ResponseType} from '../../foundation/wire/index.ts'

/** An answer that could not be delivered, kept for the case that its command comes again. */
export interface KeptAnswer {
  readonly body: readonly Buffer[]
  readonly type: ResponseType
}

/** What is known of a request id. `new`: nothing. `known`: in flight or answered. */
export type Sighting =
  | {readonly state: 'new' | 'known'}
  | {readonly state: 'undelivered'; readonly kept: KeptAnswer | null}

/** Names, not objects: twenty thousand of them are copied by the garbage collector while they are young. */
type State = 'in_flight' | 'answered' | 'undelivered'

/** Of one generation; ids in flight that it took over come on top. */
const MOST_ENTRIES = 10_000
const MOST_EXPECTED = 256
const LARGEST_KEPT = 64 * 1024
const MOST_KEPT = 16 * 1024 * 1024

/**
 * Request ids of the last while, in two generations: when the young one is full or old, it becomes the old one, and what was
 * old is forgotten. So an id is remembered for at least `ttl` ms or 10 000 newer ones, and forgetting costs nothing per id.
 */
export class SeenSet {
  readonly #ttl: number
  readonly #now: () => Instant
  #young = new Map<string, State>()
  #old = new Map<string, State>()
  /** Of undelivered ones. */
  readonly #kept = new Map<string, KeptAnswer>()
  readonly #expected = new Set<string>()
  #since: Instant
  /** How many of the young ones make them old. */
  #most = MOST_ENTRIES
  #keptBytes = 0

  /** `ttl` in ms. Ids in flight are never forgotten. */
  constructor(options: {readonly ttl: number; readonly now: () => Instant}) {
    this.#ttl = options.ttl
    this.#now = options.now
    this.#since = options.now()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  look(requestId: string): Sighting {
    const state = this.#state(requestId)
    if (state === undefined) return NEW
    return state === 'undelivered' ? {state, kept: this.#kept.get(requestId) ?? null} : KNOWN
  }

  /** The command is being worked on. */
  begin(requestId: string): void {
    this.#release(requestId)
    this.#old.delete(requestId)
    if (this.#young.size >= this.#most || this.#now() - this.#since >= this.#ttl) this.#age()
    this.#young.set(requestId, 'in_flight')
  }

  /** Its answer was delivered, or nobody wants one any more. */
  answered(requestId: string): void {
    this.#become(requestId, 'answered')
  }

  /** Its answer could not be delivered; small ones are kept. */
  undelivered(requestId: string, answer: KeptAnswer): void {
    if (!this.#become(requestId, 'undelivered')) return
    const bytes = sizeOf(answer)
    if (bytes > LARGEST_KEPT || this.#keptBytes + bytes > MOST_KEPT) return
    this.#keptBytes += bytes
    // The bytes may be views into a larger buffer; what is kept for minutes is a copy.
    this.#kept.set(requestId, {type: answer.type, body: [Buffer.concat(answer.body)]})
  }

  /** It came with an answer to a poll that the service is told to give again. */
  expect(requestId: string): void {
    this.#expected.add(requestId)
    if (this.#expected.size > MOST_EXPECTED) this.#expected.delete(this.#expected.values().next().value!)
  }

  /** True: that it comes again says nothing about the service. */
  isExpected(requestId: string): boolean {
    return this.#expected.size > 0 && this.#expected.has(requestId)
  }

  #state(requestId: string): State | undefined {
    return this.#young.get(requestId) ?? this.#old.get(requestId)
  }

  /** False for an id that is not known. */
  #become(requestId: string, state: State): boolean {
    const generation = this.#young.has(requestId) ? this.#young : this.#old
    if (!generation.has(requestId)) return false
    generation.set(requestId, state)
    return true
  }

  #release(requestId: string): void {
    const kept = this.#kept.get(requestId)
    if (kept === undefined) return
    this.#kept.delete(requestId)
    this.#keptBytes -= sizeOf(kept)
  }

  #age(): void {
    const gone = this.#old
    this.#old = this.#young
    this.#young = new Map()
    this.#since = this.#now()
    for (const [requestId, state] of gone) {
      if (state === 'in_flight') this.#young.set(requestId, state)
      else if (state === 'undelivered') this.#release(requestId)
    }
    this.#most = this.#young.size + MOST_ENTRIES
  }
}

const NEW: Sighting = {state: 'new'}
const KNOWN: Sighting = {state: 'known'}

const sizeOf = (answer: KeptAnswer): number => answer.body.reduce((sum, part) => sum + part.length, 0)
