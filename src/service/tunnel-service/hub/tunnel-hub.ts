// The middle of one tunnel: calls wait here for a poll, and answers find their caller. It owns who holds what.
// At most once: a command comes back to the line only when a daemon cannot have it completely, or for that daemon alone.

import type {Socket} from 'node:net'
import {type Clock, InFlight} from '../../../foundation/platform/index.ts'
import {sameId} from '../../../foundation/wire/index.ts'
import {ApiError} from '../api-error.ts'
import {isSameToken} from '../ids.ts'
import type {TunnelSnapshot} from '../options.ts'
import {type Answering, type Ask, Asks, isAsking} from './asks.ts'
import {type Absence, Attendance} from './attendance.ts'
import {type Client, Clients} from './clients.ts'
import type {Command, Outcome} from './command.ts'
import {CommandQueue} from './command-queue.ts'
import {MOST_LOSSES, type PollReceipt} from './handovers.ts'
import {type Lane, type LaneLimits, Lanes} from './lanes.ts'
import {dropOver, type Poll, selectFor, turnsOf} from './poll.ts'
import {assertFits, type ResponsePayload} from './response-payload.ts'

/** Numbers of a hub; durations are milliseconds. */
export interface HubOptions extends LaneLimits {
  readonly clock: Clock
  readonly maxInFlight: number
  readonly clientGoneMs: number
  readonly clientLastSeenMs: number
  /** Told when several daemons share this tunnel. */
  readonly onShared: (daemons: number) => void
}

/** Queue, polls and calls of one tunnel. */
export class TunnelHub {
  readonly #options: HubOptions
  readonly #lanes: Lanes
  readonly #queue: CommandQueue
  readonly #calls = new InFlight<string, Command>()
  readonly #polls = new Set<Poll>()
  readonly #clients: Clients
  readonly #attendance: Attendance
  readonly #asks = new Asks()
  #inFlight = 0
  #seq = 0
  #waking = false
  #closed: ApiError | null = null

  constructor(options: HubOptions) {
    this.#options = options
    this.#lanes = new Lanes(options)
    this.#queue = new CommandQueue(this.#lanes)
    this.#clients = new Clients({
      clock: options.clock,
      goneMs: options.clientGoneMs,
      onGone: (client) => this.#gone(client),
      onShared: options.onShared,
      handovers: {onRead: (command) => this.#read(command), onLost: (command) => this.#lost(command)},
    })
    this.#attendance = new Attendance({
      clock: options.clock,
      queue: this.#queue,
      lanes: this.#lanes,
      clients: this.#clients,
      polls: this.#polls,
      patienceMs: options.clientLastSeenMs,
    })
  }

  /** The next position in the line. */
  nextSeq(): number {
    return ++this.#seq
  }

  /** Where calls of a channel are counted. */
  laneOf(channel: string): Lane {
    return this.#lanes.of(channel)
  }

  /** Counts bytes that somebody holds for a call which is not in the line yet; negative when they are let go. */
  hold(lane: Lane, bytes: number): void {
    this.#lanes.hold(lane, bytes)
  }

  /**
   * Throws {@link ApiError} when `bytes` more would not find room. Ask before you read a body. Answers find room where calls
   * do not: calls end through them.
   */
  assertRoom(lane: Lane, bytes: number, urgent = this.#asks.size > 0): void {
    if (this.#closed) throw this.#closed
    const lanes = this.#lanes
    if (urgent) {
      if (lanes.hasRoomForBytes(lane, bytes)) return
    } else if (this.#inFlight < this.#options.maxInFlight && lanes.hasRoom(lane, bytes)) {
      return
    }
    throw new ApiError('tunnel_queue_full', 'too many calls wait for this tunnel', {retryAfter: 1})
  }

  /** Puts a call in the line. Throws {@link ApiError} when it is full, or when the one daemon that may have it is gone. */
  submit(command: Command): void {
    this.assertRoom(command.lane, command.bytes, command.onlyFor !== null)
    if (command.onlyFor !== null) this.#reserve(command, command.onlyFor)
    this.#calls.add(command.requestId, command)
    this.#queue.insert(command)
    this.#wake()
    this.#attendance.watch()
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

  /** True when a call of this caller, who has no session, is in flight or waits under this id. */
  isCalling({channel, mark, rpcId}: Pick<Command, 'channel' | 'mark'> & {readonly rpcId: string}): boolean {
    for (const call of this.#calls) {
      if (call.session !== null || call.mark !== mark || call.channel !== channel || call.rpcId === null) continue
      if (sameId(call.rpcId, rpcId)) return true
    }
    return false
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
    this.#attendance.watch()
  }

  /** Hands a daemon's post to the caller. Throws {@link ApiError} for posts that fit no call. */
  respond(post: {payload: ResponsePayload; shardToken: string | undefined}, settle: (outcome: Outcome) => void): void {
    const command = this.#calls.get(post.payload.requestId)
    // A command that went back for one daemon only may have been run by it all the same: its answer counts.
    if (!command || (command.state === 'queued' && command.onlyFor === null)) {
      settle('gone')
      return
    }
    if (!isSameToken(post.shardToken, command.shardToken)) {
      throw new ApiError('invalid_shard_token', 'invalid shard token', {param: 'X-Tunnel-Shard-Token'})
    }
    const {payload} = post
    assertFits(payload, command)
    if (payload.type === 'jsonrpc_notify' && payload.json !== null) this.#carry(command, payload, settle)
    else command.caller.accept(payload, settle)
  }

  /** True when the call is known here, whatever its state. */
  has(requestId: string): boolean {
    return this.#calls.has(requestId)
  }

  /** Why nobody takes a call of this channel, if that is so. */
  absence(channel: string): Absence {
    return this.#attendance.absence(channel)
  }

  snapshot(): TunnelSnapshot {
    const {calls, bytes} = this.#lanes.total
    return {
      queued: calls,
      bytes,
      inFlight: this.#inFlight,
      parkedPolls: this.#polls.size,
      clients: this.#clients.connected(),
    }
  }

  /** Refuses everything that waits, and all that comes later. */
  close(error: ApiError): void {
    this.#closed = error
    this.#attendance.close()
    for (const poll of [...this.#polls]) poll.refuse(error)
    this.#polls.clear()
    for (const command of [...this.#calls]) command.caller.fail(error)
    // Last: until then daemons hold what is ended here.
    this.#clients.close()
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
    // What came back may be more than this poll takes.
    this.#wake()
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
    this.#lanes.seen(poll.channels, now)
    const client = this.#clientOf(poll)
    if (!client) return
    client.heardAt = now
    client.features = poll.features
    client.channels = poll.channels
  }

  #drop(command: Command): void {
    if (command.holder === null) return
    const client = this.#clients.get(command.holder)
    if (!client?.holds.delete(command.requestId)) return
    // Its hands are free now, and it is about to poll.
    if (client.holds.size === 0 && client.connections.size > 0)
      this.#lanes.seen(client.channels, this.#options.clock.now())
    this.#clients.check(client)
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
}
