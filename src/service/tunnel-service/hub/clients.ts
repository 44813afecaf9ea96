// Knows the daemons of a tunnel by their instance id, and notices when one is gone for good: no connection is left and it
// has sent nothing for a while. A daemon without an id is never declared gone.

import type {Socket} from 'node:net'
import {type Clock, InFlight, type Instant} from '../../../foundation/platform/index.ts'
import type {Command} from './command.ts'
import {type HandoverSink, Handovers} from './handovers.ts'
import {type Poll, serves} from './poll.ts'

/** One daemon process. */
export interface Client {
  readonly id: string
  readonly connections: Set<Socket>
  /** Commands that it holds, and queued ones that only it may have. */
  readonly holds: InFlight<string, Command>
  readonly handovers: Handovers
  /** When it last sent a request, or stopped waiting for the answer of a poll. */
  heardAt: Instant
  /** What it said it can do, with its last poll. */
  features: ReadonlySet<string>
  /** The channels that its last poll asked for; null: all. */
  channels: ReadonlySet<string> | null
  timer: NodeJS.Timeout | undefined
  polls: number
  /** Its first poll was answered for it to say what it can do: the next one tells. */
  isAsked: boolean
}

/** What {@link Clients} needs. */
export interface ClientsOptions {
  readonly clock: Clock
  /** Milliseconds without a request. */
  readonly goneMs: number
  /** Called with a daemon that is gone while it holds commands. */
  readonly onGone: (client: Client) => void
  /** Called when a daemon begins to poll beside another, with their number; not again until one has begun alone. */
  readonly onShared: (daemons: number) => void
  readonly handovers: HandoverSink
}

/** A daemon that was asked polls at once, if it is there at all. */
const ASKED_MS = 1_000

/** The daemons of one tunnel. */
export class Clients {
  readonly #options: ClientsOptions
  readonly #clients = new Map<string, Client>()
  /** Look again whether a daemon has told. */
  readonly #waiting = new Set<() => void>()
  #isShared = false

  constructor(options: ClientsOptions) {
    this.#options = options
  }

  /** Ids of the daemons that have a connection. */
  connected(): string[] {
    return [...this.#clients.values()].filter((client) => client.connections.size > 0).map((client) => client.id)
  }

  /** True when a daemon for this channel has a connection. */
  isConnected(channel: string): boolean {
    for (const client of this.#clients.values()) if (client.connections.size > 0 && serves(client, channel)) return true
    return false
  }

  /** True while a daemon for this channel works on calls; one that is between two connections is not gone yet. */
  isBusy(channel: string): boolean {
    for (const client of this.#clients.values()) {
      if (!serves(client, channel)) continue
      // Who listens keeps nobody busy.
      for (const {type} of client.holds) if (type !== 'session_stream') return true
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

  /**
   * As {@link can}. Daemons say it only after a poll of theirs was answered: the first polls among `waiting` are answered
   * with nothing, and what comes next tells.
   */
  async hear(feature: string, waiting: Set<Poll>): Promise<boolean> {
    if (this.can(feature)) return true
    for (const poll of waiting) {
      const client = poll.clientId === null ? undefined : this.#clients.get(poll.clientId)
      if (client?.polls !== 1) continue
      client.isAsked = true
      waiting.delete(poll)
      poll.end()
    }
    if (!this.#isAsking()) return false
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve()
      }
      const look = (): void => {
        if (this.can(feature) || !this.#isAsking()) done()
      }
      const timer = setTimeout(done, ASKED_MS)
      this.#waiting.add(look)
    })
    return this.can(feature)
  }

  /** A poll has come. */
  polled({clientId}: Poll): void {
    const client = clientId === null ? undefined : this.#clients.get(clientId)
    if (client === undefined) return
    if (++client.polls === 1) this.#joined()
    client.isAsked = false
    for (const look of this.#waiting) look()
  }

  #joined(): void {
    const daemons = this.connected().length
    if (daemons > 1 && !this.#isShared) this.#options.onShared(daemons)
    this.#isShared = daemons > 1
  }

  #isAsking(): boolean {
    for (const {isAsked, connections} of this.#clients.values()) if (isAsked && connections.size > 0) return true
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
        heardAt: 0,
        features: new Set(),
        channels: null,
        timer: undefined,
        polls: 0,
        isAsked: false,
      }
      this.#clients.set(id, client)
    }
    // One with full hands does not poll, and may close a connection with each answer that it has posted.
    client.heardAt = this.#options.clock.now()
    if (!client.connections.has(socket) && !socket.destroyed) {
      client.connections.add(socket)
      // A proxy may bring many daemons on one connection.
      socket.setMaxListeners(0)
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
    const left = client.heardAt + this.#options.goneMs - this.#options.clock.now()
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
