// Sessions of servers that are made for each of them, as an HTTP server would keep them: an id from `initialize` on, the
// most recently used last, and none for ever.

import {randomUUID} from 'node:crypto'
import type {Clock, Instant} from '../../../foundation/platform/index.ts'
import type {MemoryConnection} from './connection.ts'

/** A session nobody used for this long is given up when room is looked for, in milliseconds. */
const IDLE_MS = 3_600_000
/** Sessions of one channel at the same time. */
const MAX_SESSIONS = 1000

interface Session {
  readonly connection: MemoryConnection
  usedAt: Instant
}

/** The sessions of one channel. */
export class MemorySessions {
  readonly #clock: Clock
  readonly #sessions = new Map<string, Session>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#sessions.size
  }

  /** The connection of a session, which counts as used now. */
  use(id: string): MemoryConnection | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined) return undefined
    this.#sessions.delete(id)
    this.#sessions.set(id, session)
    session.usedAt = this.#clock.now()
    return session.connection
  }

  /** A new session. Null when there is room for none: every other one is at work. */
  open(make: (id: string) => MemoryConnection): {readonly id: string; readonly connection: MemoryConnection} | null {
    if (this.#sessions.size >= MAX_SESSIONS) return null
    const id = randomUUID()
    const connection = make(id)
    this.#sessions.set(id, {connection, usedAt: this.#clock.now()})
    return {id, connection}
  }

  /** Takes out what nobody has used for long, and one more when all places are taken. */
  stale(): MemoryConnection[] {
    const before = this.#clock.now() - IDLE_MS
    const found: MemoryConnection[] = []
    for (const [id, {connection, usedAt}] of this.#sessions) {
      const full = this.#sessions.size >= MAX_SESSIONS
      if (usedAt >= before && !full) break
      if (connection.working > 0) continue
      this.#sessions.delete(id)
      found.push(connection)
    }
    return found
  }

  /** Takes a session out. */
  remove(id: string): MemoryConnection | undefined {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    return session?.connection
  }

  /** Takes all out. */
  clear(): MemoryConnection[] {
    const all = [...this.#sessions.values()].map(({connection}) => connection)
    this.#sessions.clear()
    return all
  }
}
