// Knows the daemons of a tunnel by their instance id, and notices when one is gone for good: no connection is left and it
// has not polled for a while. A daemon without an id is never declared gone.

import type {Socket} from 'node:net'
import {type Clock, InFlight, type Instant} from '../../../foundation/platform/index.ts'
import type {Command} from './command.ts'
import {type HandoverSink, Handovers} from './handovers.ts'

/** One daemon process. */
export interface Client {
  readonly id: string
  readonly connections: Set<Socket>
  /** Commands that it holds, and queued ones that only it may have. */
  readonly holds: InFlight<string, Command>
  readonly handovers: Handovers
  lastPollAt: Instant
  /** What it said it can do, with its last poll. */
  features: ReadonlySet<string>
  timer: NodeJS.Timeout | undefined
}

/** What {@link Clients} needs. */
export interface ClientsOptions {
  readonly clock: Clock
  /** Milliseconds without a poll. */
  readonly goneMs: number
  /** Called with a daemon that is gone while it holds commands. */
  readonly onGone: (client: Client) => void
  readonly handovers: HandoverSink
}

/** The daemons of one tunnel. */
export class Clients {
  readonly #options: ClientsOptions
  readonly #clients = new Map<string, Client>()

  constructor(options: ClientsOptions) {
    this.#options = options
  }

  /** Ids of the daemons that have a connection. */
  connected(): string[] {
    return [...this.#clients.values()].filter((client) => client.connections.size > 0).map((client) => client.id)
  }

  /** True while a connected daemon works on calls. */
  busy(): boolean {
    for (const {connections, holds} of this.#clients.values()) {
      // Who listens keeps nobody busy.
      if (connections.size > 0) for (const {type} of holds) if (type !== 'session_stream') return true
    }
    return false
  }

  /** True when a connected daemon said that it can do this. */
  can(feature: string): boolean {
    for (const {connections, features} of this.#clients.values()) {
      if (connections.size > 0 && features.has(feature)) return true
    }
    return false
  }

  get(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  /** Notes that `socket` belongs to the daemon `id`. */
  touch(id: string, socket: Socket): Client {
    let client = this.#clients.get(id)
    if (!client) {
      client = {
        id,
        connections: new Set(),
        holds: new InFlight(),
        handovers: new Handovers(this.#options.handovers),
        lastPollAt: this.#options.clock.now(),
        features: new Set(),
        timer: undefined,
      }
      this.#clients.set(id, client)
    }
    if (!client.connections.has(socket) && !socket.destroyed) {
      client.connections.add(socket)
      clearTimeout(client.timer)
      client.timer = undefined
      const known = client
      socket.once('close', () => {
        known.connections.delete(socket)
        this.check(known)
      })
    }
    return client
  }

  /** Looks whether a daemon without connections is gone, may be forgotten, or has to be looked at again. */
  check(client: Client): void {
    if (client.connections.size > 0 || client.timer !== undefined) return
    if (client.holds.size === 0) {
      if (this.#clients.get(client.id) === client) this.#clients.delete(client.id)
      return
    }
    const left = client.lastPollAt + this.#options.goneMs - this.#options.clock.now()
    if (left <= 0) {
      this.#clients.delete(client.id)
      this.#options.onGone(client)
      return
    }
    client.timer = setTimeout(() => {
      client.timer = undefined
      this.check(client)
    }, Math.ceil(left))
  }

  /** Stops all timers. */
  close(): void {
    for (const client of this.#clients.values()) clearTimeout(client.timer)
    this.#clients.clear()
  }
}
