// Takes what a poll brought and finds its place: a lane, a stream, an immediate answer, or nothing because it was here before.

import {
  type AnsweredCommand,
  type CancelCommand,
  type JsonRpcCommand,
  oauthError,
  type PolledCommand,
  type RejectedCommand,
  type SessionStreamCommand,
  type SessionTerminationCommand,
} from '../../foundation/wire/index.ts'
import type {Channel} from '../channels/index.ts'
import {
  type Answer,
  acknowledgement,
  failureAnswer,
  JSON_CONTENT,
  kindOf,
  type Recipient,
  recipientOf,
  unsupported,
} from './answers/answer.ts'
import {noteRejected, rejection} from './answers/rejected.ts'
import {Call} from './call.ts'
import {cancelledCall} from './cancellation.ts'
import type {Core} from './core.ts'
import type {Lane} from './lanes/lane.ts'
import {Lanes} from './lanes/lanes.ts'
import {Ledger} from './ledger.ts'
import type {RefusedSlice} from './polling/oversized-answer.ts'
import {SessionStreams} from './server-messages/session-streams.ts'
import type {Fate} from './trace/call-record.ts'
import type {ChannelDirectory} from './types.ts'

/** Answers on their way up to which polling goes on; beyond, a slow control plane would fill our memory. */
const LEAST_POSTING_BOUND = 256

/** What a dispatcher needs. */
export interface DispatcherOptions {
  readonly core: Core
  readonly channels: ChannelDirectory
  /** There may be room for more commands. */
  readonly onSpace: () => void
  /** A command is over. */
  readonly onOver: (fate: Fate) => void
  /** A call waits for its caller now: there may be no work left. */
  readonly onParked: () => void
}

/** Owns the lanes and the session streams. */
export class Dispatcher {
  readonly #core: Core
  readonly #channels: ChannelDirectory
  readonly #ledger: Ledger
  readonly #lanes: Lanes
  readonly #streams = new SessionStreams()

  constructor(options: DispatcherOptions) {
    const {core, channels, onSpace} = options
    this.#core = core
    this.#channels = channels
    this.#ledger = new Ledger(options)
    this.#lanes = new Lanes({core, onSpace})
    for (const channel of channels.list()) this.#lanes.of(channel.name)
  }

  /** Commands that are not over, those aside that wait for their callers. */
  get work(): number {
    return this.#ledger.work
  }

  /** Commands that wait for their callers: open subscriptions and streams, and calls whose server has asked something. */
  get parked(): number {
    return this.#ledger.parked + this.#streams.size
  }

  /** Work that may depend on the answer of a caller: a call whose server has asked him, during it or beside it. */
  get isAsking(): boolean {
    if (this.#ledger.work > 0 && this.#streams.isAsking) return true
    return this.#ledger.parked > 0 && this.#open().some((call) => call.isParked && !call.isListen)
  }

  /** The lanes, to be looked at. */
  get lanes(): Pick<Lanes, 'queue' | 'workers' | 'list'> {
    return this.#lanes
  }

  /** How many more commands may be asked for. */
  get free(): number {
    const {totals, limits} = this.#core
    return totals.posting >= Math.max(LEAST_POSTING_BOUND, 4 * limits.maxInflight) ? 0 : this.#lanes.free
  }

  /**
   * Takes commands in order; `comesAgain`: the service was told that these were lost. Returns how many were taken in,
   * duplicates and refused ones aside.
   */
  take(commands: readonly PolledCommand[], comesAgain = false): number {
    let taken = 0
    if (commands.length === 0) return 0
    if (comesAgain) for (const {requestId} of commands) this.#core.seen.expect(requestId)
    const wall = this.#core.tracer.arrive()
    for (const command of this.#withWaitingCancelledFirst(commands)) if (this.#take(command, wall)) taken += 1
    return taken
  }

  /** Answers what cannot be run, where it names a request id. `dropped`: elements that are counted only. */
  refuse(rejected: readonly RejectedCommand[], dropped: number): void {
    noteRejected(this.#core, rejected, dropped)
    for (const one of rejected) {
      const refused = rejection(this.#core, one)
      if (refused !== null && !this.#ledger.isRepeated(refused.to)) this.#ledger.refuse(refused.to, refused.answer)
    }
  }

  /** Answers all of a slice that was not asked for, and runs none of it. `done` is called once all answers are delivered. */
  refuseSlice({commands, rejected, dropped}: RefusedSlice, done: () => void): void {
    let open = 1
    const over = (): void => {
      if (--open === 0) done()
    }
    const refuse = (to: Recipient, answer: Answer): void => {
      if (this.#ledger.isRepeated(to)) return
      open += 1
      this.#ledger.refuse(to, answer, over)
    }
    const {tracer, emit} = this.#core
    if (commands.length > 0) tracer.arrive()
    for (const command of commands) {
      if (command.type === 'cancel') {
        this.#hangUp(command)
        continue
      }
      const kind = this.#channels.get(command.channel)?.kind ?? null
      const to = recipientOf(command, tracer.open(command, kindOf(command), kind))
      emit({type: 'command_dropped', reason: 'queue_full'})
      refuse(to, failureAnswer(to, 'queue_full'))
    }
    for (let left = rejected.length + dropped; left > 0; left--) {
      emit({type: 'command_dropped', reason: 'invalid_command_type'})
    }
    for (const one of rejected) {
      const refused = rejection(this.#core, one)
      if (refused !== null) refuse(refused.to, refused.answer)
    }
    over()
  }

  /** Every command that is not answered yet gets a typed 503; returns how many there were. */
  refuseAll(): number {
    // A 503 says that the call was not run: neither a slot that gets free nor a poll that is still read may start one.
    this.#lanes.halt()
    const open = this.#open()
    for (const call of open) call.refuse()
    return open.length
  }

  /** Ends the calls that wait for their callers with a typed 503. */
  refuseParked(): void {
    for (const call of this.#open()) if (call.isParked) call.refuse()
    this.#streams.refuse()
  }

  /** The service was started anew: callers are gone, and nobody will end the calls that it has given no time-out. */
  forsake(): void {
    for (const call of this.#open().reverse()) if (call.to.deadline === null) call.hangUp()
    this.#streams.hangUp()
  }

  /** Ends everything without answers. */
  kill(): void {
    const active = this.#lanes.active()
    for (const call of active) if (!call.isRunning) call.kill()
    for (const call of active) call.kill()
    this.#streams.kill()
    for (const delivery of [...this.#core.deliveries]) delivery.abort()
  }

  #take(command: PolledCommand, wall: number): boolean {
    const {emit, tracer} = this.#core
    if (command.type === 'cancel') {
      this.#hangUp(command)
      return false
    }
    if (command.createdAt !== null) {
      const ms = wall - command.createdAt
      if (ms >= 0) emit({type: 'command_age', ms})
    }
    const channel = this.#channels.get(command.channel)
    const to = recipientOf(command, tracer.open(command, kindOf(command), channel?.kind ?? null))
    if (this.#ledger.isRepeated(to)) return false
    if (command.type === 'oauth_discovery' && channel !== undefined && command.channel === 'main') {
      this.#ledger.refuse(to, noMetadata())
      return true
    }
    if (channel === undefined || command.type === 'oauth_discovery') {
      this.#unsupported(command, to)
      return false
    }
    if (command.type === 'session_stream') this.#stream(command, channel, to)
    else this.#run(command, channel, to)
    return true
  }

  #run(command: JsonRpcCommand | SessionTerminationCommand, channel: Channel, to: Recipient): void {
    const ledger = this.#ledger
    const lane = this.#lanes.of(command.channel)
    ledger.open(to)
    if (command.type === 'jsonrpc' && command.message.kind === 'response') {
      this.#answerServer(command, channel, lane, to)
      return
    }
    const call = new Call({core: this.#core, ledger, command, to, channel, lane})
    if (call.isListen && !ledger.park(true)) {
      this.#overflow(to)
      return
    }
    if (this.#cancels(lane, call)) return
    const how = lane.offer(call)
    if (how === 'queued') call.queued()
    else if (how === 'full') {
      if (call.isListen) ledger.park(false)
      this.#overflow(to)
    }
  }

  #stream(command: SessionStreamCommand, channel: Channel, to: Recipient): void {
    const ledger = this.#ledger
    ledger.openStream(to)
    this.#streams.open({core: this.#core, command, to, channel, onOver: (fate) => ledger.closeStream(to, fate)})
  }

  /** The caller of a call answers what its server has asked. That needs no slot: the server waits for it. */
  #answerServer(command: JsonRpcCommand, channel: Channel, lane: Lane<Call>, to: Recipient): void {
    const {answers, message, deadline} = command
    const isLate = deadline !== null && this.#core.clock.now() >= deadline
    const asker =
      isLate || answers === null || message.id === null
        ? undefined
        : (this.#lanes.find(answers) ?? this.#streams.find(answers))
    const request = asker?.answered(message.id!) ?? null
    if (request === null || request === 'settled') {
      this.#ledger.answer(to, acknowledgement(request === null ? 404 : 202))
      return
    }
    const send: Channel['send'] = (call, sink) => request.answer(call, sink)
    new Call({core: this.#core, ledger: this.#ledger, command, to, channel, lane, send}).startPastQueue()
  }

  /**
   * The commands with their cancellations in another order: those of calls that wait first. Else the slot of a cancelled call
   * would start a waiting one that is cancelled next.
   */
  #withWaitingCancelledFirst(commands: readonly PolledCommand[]): readonly PolledCommand[] {
    const cancels = commands.filter((command) => command.type === 'cancel')
    if (cancels.length < 2) return commands
    const isRunning = ({cancels: id}: CancelCommand): number => Number(this.#lanes.find(id)?.isRunning ?? false)
    const ordered = cancels.toSorted((a, b) => isRunning(a) - isRunning(b))[Symbol.iterator]()
    return commands.map((command) => (command.type === 'cancel' ? (ordered.next().value ?? command) : command))
  }

  /** The caller has hung up, or was let down. His call may come later than this, on another poll: it is ignored then. */
  #hangUp({cancels, timedOut}: CancelCommand): void {
    const call = this.#lanes.find(cancels)
    if (call !== undefined) {
      if (timedOut) call.expire()
      else call.hangUp()
      return
    }
    const stream = this.#streams.find(cancels)
    if (stream !== undefined) {
      stream.hangUp()
      return
    }
    const {seen} = this.#core
    if (seen.look(cancels).state !== 'new') return
    seen.begin(cancels)
    seen.answered(cancels)
  }

  /**
   * True for a cancellation with which nothing is left to do: the call it means was still here (answered at once), or the
   * message is on its way past the queue.
   */
  #cancels(lane: Lane<Call>, cancellation: Call): boolean {
    const {command, session, to} = cancellation
    if (command.type !== 'jsonrpc' || command.message.method !== 'notifications/cancelled') return false
    const call = cancelledCall(lane, session, command.message)
    if (call === undefined) return false
    if (call.isRunning) {
      cancellation.startPastQueue()
      call.cancelRunning()
      return true
    }
    call.cancelWaiting()
    this.#ledger.answer(to, acknowledgement(202))
    return true
  }

  #overflow(to: Recipient): void {
    this.#core.emit({type: 'command_dropped', reason: 'queue_full'})
    this.#core.log.warn('command refused: its channel holds as many commands as it may', {
      request_id: to.requestId,
      channel: to.channel,
      max_inflight: this.#core.limits.maxInflight,
    })
    this.#ledger.answer(to, failureAnswer(to, 'queue_full'))
  }

  #unsupported(command: AnsweredCommand, to: Recipient): void {
    const {log, emit} = this.#core
    log.error('dispatcher received unsupported channel', {request_id: to.requestId, channel: to.channel})
    emit({type: 'unsupported_channel', channel: to.channel, commandType: command.type})
    this.#ledger.refuse(to, unsupported(command, to))
  }

  #open(): Call[] {
    return this.#lanes.active().filter((call) => call.isOpen)
  }
}

/** The answer to OAuth discovery: the metadata of this client is served elsewhere. */
const noMetadata = (): Answer => ({
  type: 'oauth_discovery_response',
  status: 404,
  headers: JSON_CONTENT,
  payload: oauthError('oauth_discovery_unavailable', 'OAuth metadata is not available through this client'),
  failure: 'bad_command',
})
