// The middle of one tunnel: calls wait here for a poll, and answers find their caller. It owns who holds what.
// At most once: a command comes back to the line only when a daemon cannot have it completely, or for that daemon alone.

import type {Socket} from 'node:net'
import {type Clock, InFlight, type Instant} from '../../../foundation/platform/index.ts'
import {ApiError} from '../api-error.ts'
import type {TunnelSnapshot} from '../options.ts'
import {type Answering, type Ask, Asks, isAsking} from './asks.ts'
import {type Client, Clients} from './clients.ts'
import type {Command, Outcome} from './command.ts'
import {CommandQueue} from './command-queue.ts'
import {MOST_LOSSES, type PollReceipt} from './handovers.ts'
import {dropOver, type Poll, selectFor, turnsOf} from './poll.ts'
import type {ResponsePayload} from './response-payload.ts'

/** Numbers of a hub; durations are milliseconds. */
export interface HubOptions {
  readonly clock: Clock
  readonly maxCommands: number
  readonly maxBytes: number
  readonly maxInFlight: number
  readonly clientGoneMs: number
  readonly clientLastSeenMs: number
}

/** Who a call cannot reach, and in which way. */
export type Absence = 'tunnel_client_not_seen' | 'tunnel_client_not_connected' | null

/** Queue, polls and calls of one tunnel. */
export class TunnelHub {
  readonly #options: HubOptions
  readonly #queue = new CommandQueue()
  readonly #calls = new InFlight<string, Command>()
  readonly #polls = new Set<Poll>()
  readonly #clients: Clients
  readonly #asks = new Asks()
  #inFlight = 0
  #held = 0
  #seq = 0
  #lastPollAt: Instant | null = null
  #waking = false
  #seenTimer: NodeJS.Timeout | undefined
  #closed: ApiError | null = null

  constructor(options: HubOptions) {
    this.#options = options
    this.#clients = new Clients({
      clock: options.clock,
      goneMs: options.clientGoneMs,
      onGone: (client) => this.#gone(client),
      handovers: {onRead: (command) => this.#read(command), onLost: (command) => this.#lost(command)},
    })
  }

  /** The next position in the line. */
  nextSeq(): number {
    return ++this.#seq
  }

  /** Counts bytes that somebody holds for a call which is not in the line yet; negative when they are let go. */
  hold(bytes: number): void {
    this.#held += bytes
  }

  /**
   * Throws {@link ApiError} when `bytes` more would not find room. Ask before you read a body. Answers find room where calls
   * do not: calls end through them.
   */
  assertRoom(bytes: number, urgent = this.#asks.size > 0): void {
    if (this.#closed) throw this.#closed
    const {maxCommands, maxBytes, maxInFlight} = this.#options
    const queued = this.#queue
    if (urgent || (queued.length < maxCommands && this.#inFlight < maxInFlight)) {
      const taken = queued.bytes + this.#held
      if (taken === 0 || taken + bytes <= maxBytes) return
    }
    throw new ApiError('tunnel_queue_full', 'too many calls wait for this tunnel', {retryAfter: 1})
  }

  /** Puts a call in the line. Throws {@link ApiError} when it is full, or when the one daemon that may have it is gone. */
  submit(command: Command): void {
    this.assertRoom(command.bytes, command.onlyFor !== null)
    if (command.onlyFor !== null) this.#reserve(command, command.onlyFor)
    this.#calls.add(command.requestId, command)
    this.#queue.insert(command)
    this.#wake()
    this.#watchForClients()
  }

  /** The caller waits no longer, for whatever reason: it was answered, it was refused, or it hung up. */
  release(command: Command): void {
    // One that was refused a place in the line was never here.
    if (!this.#calls.delete(command.requestId)) return
    if (command.state === 'queued') this.#queue.remove(command)
    else this.#inFlight--
    command.state = 'done'
    command.payload = null
    this.#asks.forget(command)
    this.#drop(command)
  }

  /** The request of a server that a caller's response answers; null when nobody asked this caller. */
  asked(answering: Answering): Ask | null {
    return this.#asks.find(answering)
  }

  /** The answer is on its way: a second one is refused. */
  answered(ask: Ask): void {
    this.#asks.answered(ask)
  }

  /** Whether some daemon can listen to what a server says outside of calls. Asks those that have not said yet. */
  canListen(): Promise<boolean> {
    return this.#clients.hear('session_stream', this.#polls)
  }

  /** True while a server waits for this caller's answer. */
  isAsking(command: Command): boolean {
    return isAsking(command)
  }

  /** The daemon that works on the call and can be told to stop, by its instance id; null when there is none. */
  cancellableBy({state, holder, losses}: Command): string | null {
    if (holder === null || state === 'done' || (state === 'queued' && losses === 0)) return null
    return this.#clients.get(holder)?.features.has('cancel') ? holder : null
  }

  /** Gives commands at once, or parks the poll. Returns whether it was parked. */
  poll(poll: Poll): boolean {
    if (this.#closed) {
      poll.refuse(this.#closed)
      return false
    }
    this.#seen(poll)
    this.#clients.polled(poll)
    if (poll.receipt !== null && !this.#heed(poll, poll.receipt)) {
      poll.drop()
      return false
    }
    const commands = this.#take(poll)
    if (commands.length > 0) {
      poll.give(commands)
      return false
    }
    this.#polls.add(poll)
    return true
  }

  /** A parked poll ended without commands: its time was over, or its connection is. */
  unpark(poll: Poll): void {
    if (this.#polls.delete(poll)) this.#seen(poll)
  }

  /** Notes a connection of a daemon. */
  touch(clientId: string, socket: Socket): void {
    this.#clients.touch(clientId, socket)
  }

  /** The daemon's side has all bytes of these commands. */
  handedOver(commands: readonly Command[], poll: Poll): void {
    this.#seen(poll)
    const client = this.#clientOf(poll)
    const isKept = client?.handovers.written(poll) ?? false
    for (const command of commands) {
      if (command.state !== 'handing') continue
      command.state = 'delivered'
      if (!isKept) this.#read(command)
    }
    if (client) this.#clients.check(client)
  }

  /**
   * The connection broke first. `unread` cannot have arrived completely; `doubtful` may have: they go back for the same
   * daemon only, which runs nothing twice.
   */
  giveBack({unread, doubtful, poll}: {unread: readonly Command[]; doubtful: readonly Command[]; poll: Poll}): void {
    this.#seen(poll)
    const client = this.#clientOf(poll)
    client?.handovers.broken(poll)
    for (const command of unread) {
      if (command.onlyFor === null) {
        client?.holds.delete(command.requestId)
        command.holder = null
      }
      this.#requeue(command)
    }
    for (const command of doubtful) if (command.state === 'handing') this.#lost(command)
    if (client) this.#clients.check(client)
    this.#wake()
    this.#watchForClients()
  }

  /** Hands a daemon's post to the caller. Throws {@link ApiError} for posts that fit no call. */
  respond(post: {payload: ResponsePayload; shardToken: string | undefined}, settle: (outcome: Outcome) => void): void {
    const command = this.#calls.get(post.payload.requestId)
    // A command that went back for one daemon only may have been run by it all the same: its answer counts.
    if (!command || (command.state === 'queued' && command.onlyFor === null)) {
      settle('gone')
      return
    }
    if (post.shardToken !== command.shardToken) {
      throw new ApiError('invalid_shard_token', 'invalid shard token', {param: 'X-Tunnel-Shard-Token'})
    }
    const {payload} = post
    if (payload.type === 'jsonrpc_notify' && payload.json !== null) this.#carry(command, payload, settle)
    else command.caller.accept(payload, settle)
  }

  /** True when the call is known here, whatever its state. */
  has(requestId: string): boolean {
    return this.#calls.has(requestId)
  }

  /** Why nobody takes a call, if that is so. */
  absence(): Absence {
    if (this.#polls.size > 0 || this.#clients.busy()) return null
    if (!this.#seenRecently()) return 'tunnel_client_not_seen'
    return this.#clients.connected().length > 0 ? null : 'tunnel_client_not_connected'
  }

  snapshot(): TunnelSnapshot {
    return {
      queued: this.#queue.length,
      bytes: this.#queue.bytes + this.#held,
      inFlight: this.#inFlight,
      parkedPolls: this.#polls.size,
      clients: this.#clients.connected(),
    }
  }

  /** Refuses everything that waits, and all that comes later. */
  close(error: ApiError): void {
    this.#closed = error
    clearTimeout(this.#seenTimer)
    this.#clients.close()
    for (const poll of [...this.#polls]) poll.refuse(error)
    this.#polls.clear()
    for (const command of [...this.#calls]) command.caller.fail(error)
  }

  #take(poll: Poll): Command[] {
    const taken = selectFor(poll, this.#queue)
    // Held from now on, not when it has arrived: a daemon whose connection breaks meanwhile must not be forgotten.
    const client = this.#clientOf(poll)
    for (const command of taken) {
      this.#queue.remove(command)
      command.state = 'handing'
      command.holder = poll.clientId
      client?.holds.add(command.requestId, command)
    }
    this.#inFlight += taken.length
    if (taken.length > 0) client?.handovers.begin(poll, taken)
    return taken
  }

  #reserve(command: Command, id: string): void {
    const client = this.#clients.get(id)
    if (!client) throw this.#goneError()
    command.holder = id
    client.holds.add(command.requestId, command)
  }

  /** A notification, or a request of the server to its caller. */
  #carry(command: Command, payload: ResponsePayload, settle: (outcome: Outcome) => void): void {
    const carried = this.#asks.carry(command, payload.json!)
    if (carried === 'repeated') {
      settle('taken')
      return
    }
    const {json, ask} = carried
    const shown = json === payload.json ? payload : {...payload, json}
    if (ask === null) {
      command.caller.accept(shown, settle)
      return
    }
    command.caller.accept(shown, (outcome) => {
      if (outcome !== 'taken') this.#asks.undo(ask)
      settle(outcome)
    })
  }

  /** Serves the parked polls in their order at the end of this turn, so that calls which came together travel together. */
  #wake(): void {
    if (this.#waking || this.#polls.size === 0 || this.#queue.length === 0) return
    this.#waking = true
    setImmediate(() => {
      this.#waking = false
      for (const poll of turnsOf(this.#polls)) {
        if (this.#queue.length === 0) return
        if (!poll.alive() || (poll.urgentOnly && this.#queue.urgent === 0)) continue
        const commands = this.#take(poll)
        if (commands.length === 0) continue
        this.#polls.delete(poll)
        poll.give(commands)
      }
    })
  }

  #requeue(command: Command): void {
    if (command.state !== 'handing' && command.state !== 'delivered') return
    command.state = 'queued'
    this.#inFlight--
    this.#queue.insert(command)
  }

  #clientOf({clientId}: Poll): Client | undefined {
    return clientId === null ? undefined : this.#clients.get(clientId)
  }

  /** What a daemon says of its polls. False: it had given up this one before it came here. */
  #heed(poll: Poll, receipt: PollReceipt): boolean {
    const client = this.#clientOf(poll)
    if (!client?.handovers.isAwaited(receipt.number)) return client === undefined
    dropOver(this.#polls, client.id, receipt)
    client.handovers.heed(receipt)
    return true
  }

  /** The daemon has it, as far as we shall ever know. */
  #read(command: Command): void {
    command.payload = null
    // Nobody answers a cancellation.
    if (command.type === 'cancel') this.release(command)
  }

  /** The daemon that holds it may not have got it: it gets it again, and nobody else. */
  #lost(command: Command): void {
    command.onlyFor = command.holder
    if (++command.losses <= MOST_LOSSES) this.#requeue(command)
    else {
      command.state = 'delivered'
      this.#read(command)
    }
  }

  #seen(poll: Poll): void {
    const now = this.#options.clock.now()
    this.#lastPollAt = now
    const client = this.#clientOf(poll)
    if (!client) return
    client.lastPollAt = now
    client.features = poll.features
  }

  #seenRecently(): boolean {
    const {clock, clientLastSeenMs} = this.#options
    return this.#lastPollAt !== null && clock.now() - this.#lastPollAt < clientLastSeenMs
  }

  #drop(command: Command): void {
    if (command.holder === null) return
    const client = this.#clients.get(command.holder)
    if (client?.holds.delete(command.requestId)) this.#clients.check(client)
  }

  #gone(client: Client): void {
    const error = this.#goneError()
    for (const command of [...client.holds]) command.caller.fail(error)
  }

  #goneError(): ApiError {
    return new ApiError(
      'tunnel_client_not_connected',
      'the tunnel-client that had taken this call is gone; it is not known whether the call was run',
    )
  }

  /** Ends calls that have waited long enough while nobody polled. */
  #watchForClients(): void {
    if (this.#seenTimer !== undefined || this.#closed) return
    const {clientLastSeenMs, clock} = this.#options
    this.#seenTimer = setTimeout(() => {
      this.#seenTimer = undefined
      const now = clock.now()
      // A daemon whose hands are full does not poll; it comes when it has finished something.
      if (this.#clients.busy()) this.#lastPollAt = now
      if (this.#polls.size === 0 && !this.#seenRecently()) {
        for (let command = this.#queue.first; command !== null; ) {
          const {next} = command
          if (now - command.enqueuedAt >= clientLastSeenMs) {
            command.caller.fail(
              new ApiError('tunnel_client_not_seen', 'no tunnel-client has polled for this tunnel', {retryAfter: 5}),
            )
          }
          command = next
        }
      }
      if (this.#queue.length > 0) this.#watchForClients()
    }, this.#nextLook())
  }

  /** Milliseconds until the oldest call could be too old. */
  #nextLook(): number {
    const {clientLastSeenMs, clock} = this.#options
    const oldest = this.#queue.first?.enqueuedAt ?? clock.now()
    const since = Math.max(oldest, this.#polls.size > 0 ? clock.now() : (this.#lastPollAt ?? 0))
    return Math.max(10, Math.ceil(since + clientLastSeenMs - clock.now()))
  }
}
