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

interface Entry {
  state: 'in_flight' | 'answered' | 'undelivered'
  kept: KeptAnswer | null
}

const MOST_ENTRIES = 20_000
const LARGEST_KEPT = 64 * 1024
const MOST_KEPT = 16 * 1024 * 1024

/**
 * Request ids of the last while, in two generations: when the young one is full or old, it becomes the old one, and what was
 * old is forgotten. So an id is remembered for at least `ttl` ms or 10 000 newer ones, and forgetting costs nothing per id.
 */
export class SeenSet {
  readonly #ttl: number
  readonly #now: () => Instant
  #young = new Map<string, Entry>()
  #old = new Map<string, Entry>()
  #since: Instant
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
    const entry = this.#entry(requestId)
    if (entry === undefined) return NEW
    return entry.state === 'undelivered' ? {state: 'undelivered', kept: entry.kept} : KNOWN
  }

  /** The command is being worked on. */
  begin(requestId: string): void {
    this.#release(this.#entry(requestId))
    this.#old.delete(requestId)
    if (this.#young.size * 2 >= MOST_ENTRIES || this.#now() - this.#since >= this.#ttl) this.#age()
    this.#young.set(requestId, {state: 'in_flight', kept: null})
  }

  /** Its answer was delivered, or nobody wants one any more. */
  answered(requestId: string): void {
    const entry = this.#entry(requestId)
    if (entry) entry.state = 'answered'
  }

  /** Its answer could not be delivered; small ones are kept. */
  undelivered(requestId: string, answer: KeptAnswer): void {
    const entry = this.#entry(requestId)
    if (!entry) return
    entry.state = 'undelivered'
    const bytes = sizeOf(answer)
    if (bytes > LARGEST_KEPT || this.#keptBytes + bytes > MOST_KEPT) return
    this.#keptBytes += bytes
    // The bytes may be views into a larger buffer; what is kept for minutes is a copy.
    entry.kept = {type: answer.type, body: [Buffer.concat(answer.body)]}
  }

  #entry(requestId: string): Entry | undefined {
    return this.#young.get(requestId) ?? this.#old.get(requestId)
  }

  #release(entry: Entry | undefined): void {
    if (entry?.kept) this.#keptBytes -= sizeOf(entry.kept)
  }

  #age(): void {
    const gone = this.#old
    this.#old = this.#young
    this.#young = new Map()
    this.#since = this.#now()
    for (const [requestId, entry] of gone) {
      if (entry.state === 'in_flight') this.#young.set(requestId, entry)
      else this.#release(entry)
    }
  }
}

const NEW: Sighting = {state: 'new'}
const KNOWN: Sighting = {state: 'known'}

const sizeOf = (answer: KeptAnswer): number => answer.body.reduce((sum, part) => sum + part.length, 0)
