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
  at: Instant
  state: 'in_flight' | 'answered' | 'undelivered'
  kept: KeptAnswer | null
}

const MOST_ENTRIES = 20_000
const LARGEST_KEPT = 64 * 1024
const MOST_KEPT = 16 * 1024 * 1024

/** Request ids of the last while. */
export class SeenSet {
  readonly #ttl: number
  readonly #now: () => Instant
  readonly #entries = new Map<string, Entry>()
  #keptBytes = 0

  /** Entries live for `ttl` ms, or until 20 000 newer ones push them out; those in flight stay. */
  constructor(options: {readonly ttl: number; readonly now: () => Instant}) {
    this.#ttl = options.ttl
    this.#now = options.now
  }

  get size(): number {
    return this.#entries.size
  }

  look(requestId: string): Sighting {
    const entry = this.#entries.get(requestId)
    if (!entry) return {state: 'new'}
    if (entry.state === 'undelivered') return {state: 'undelivered', kept: entry.kept}
    return {state: 'known'}
  }

  /** The command is being worked on. */
  begin(requestId: string): void {
    this.#forget(requestId)
    this.#entries.set(requestId, {at: this.#now(), state: 'in_flight', kept: null})
    this.#prune()
  }

  /** Its answer was delivered, or nobody wants one any more. */
  answered(requestId: string): void {
    const entry = this.#entries.get(requestId)
    if (entry) entry.state = 'answered'
  }

  /** Its answer could not be delivered; small ones are kept. */
  undelivered(requestId: string, answer: KeptAnswer): void {
    const entry = this.#entries.get(requestId)
    if (!entry) return
    entry.state = 'undelivered'
    const bytes = sizeOf(answer)
    if (bytes > LARGEST_KEPT || this.#keptBytes + bytes > MOST_KEPT) return
    this.#keptBytes += bytes
    // The bytes may be views into a larger buffer; what is kept for minutes is a copy.
    entry.kept = {type: answer.type, body: [Buffer.concat(answer.body)]}
  }

  #forget(requestId: string): void {
    const entry = this.#entries.get(requestId)
    if (!entry) return
    if (entry.kept) this.#keptBytes -= sizeOf(entry.kept)
    this.#entries.delete(requestId)
  }

  #prune(): void {
    const old = this.#now() - this.#ttl
    for (const [requestId, entry] of this.#entries) {
      const over = this.#entries.size > MOST_ENTRIES
      if (!over && entry.at > old) return
      if (entry.state === 'in_flight') {
        // Too long in flight to stand in the way of the others: to the end of the line, once per turn.
        if (entry.at > old) continue
        entry.at = this.#now()
        this.#entries.delete(requestId)
        this.#entries.set(requestId, entry)
        return
      }
      this.#forget(requestId)
      if (!over) continue
      return
    }
  }
}

const sizeOf = (answer: KeptAnswer): number => answer.body.reduce((sum, part) => sum + part.length, 0)
