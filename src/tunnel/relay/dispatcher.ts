// Takes what a poll brought and finds its place: a lane, an immediate answer, or nothing because it was here before.

import {
  type AnsweredCommand,
  type CancelCommand,
  cancelledRequest,
  classData,
  type JsonRpcCommand,
  oauthError,
  type PolledCommand,
  type RejectedCommand,
  type RpcMessage,
  rpcError,
  type SessionStreamCommand,
  type SessionTerminationCommand,
  sameId,
} from '../../foundation/wire/index.ts'
import type {Channel} from '../channels/index.ts'
import {
  type Answer,
  failureAnswer,
  JSON_CONTENT,
  kindOf,
  type Recipient,
  recipientOf,
  refusal,
  unsupported,
} from './answers.ts'
import {SessionStreams} from './asking/session-streams.ts'
import {Call} from './call.ts'
import {type Core, deliver, redeliver} from './deliver.ts'
import type {Lane} from './lanes/lane.ts'
import {Lanes} from './lanes/lanes.ts'
import type {Fate} from './trace/call-record.ts'
import type {ChannelDirectory} from './types.ts'

/** Calls that may wait for their caller at the same time, open subscriptions included. */
const MOST_PARKED = 256
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

/** Owns the lanes. */
export class Dispatcher {
  readonly #core: Core
  readonly #channels: ChannelDirectory
  readonly #onSpace: () => void
  readonly #onOver: (fate: Fate) => void
  readonly #onParked: () => void
  readonly #lanes: Lanes
  readonly #streams = new SessionStreams()
  #work = 0
  #parked = 0

  constructor({core, channels, onSpace, onOver, onParked}: DispatcherOptions) {
    this.#core = core
    this.#channels = channels
    this.#onSpace = onSpace
    this.#onOver = onOver
    this.#onParked = onParked
    this.#lanes = new Lanes({core, onSpace})
    for (const channel of channels.list()) this.#lanes.of(channel.name)
  }

  /** Commands that are not over, those aside that wait for their callers. */
  get work(): number {
    return this.#work
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

  /** Takes commands in order. Returns how many were taken in, duplicates and refused ones aside. */
  take(commands: readonly PolledCommand[]): number {
    let taken = 0
    if (commands.length === 0) return 0
    const wall = this.#core.tracer.arrive()
    for (const command of commands) if (this.#take(command, wall)) taken += 1
    return taken
  }

  /** Answers what cannot be run, where there is somebody to answer. */
  refuse(rejected: RejectedCommand): void {
    const {log, emit, clock, tracer} = this.#core
    log.warn(rejected.warning, {
      ...(rejected.commandType === null ? {} : {command_type: rejected.commandType}),
      ...(rejected.address === null ? {} : {request_id: rejected.address.requestId}),
      error: rejected.reason,
    })
    emit({type: 'command_dropped', reason: 'invalid_command_type'})
    if (rejected.address === null) return
    const {commandType} = rejected
    const kind = commandType === 'session_termination' || commandType === 'oauth_discovery' ? commandType : 'call'
    tracer.arrive()
    const {channel} = rejected
    const subject = {...rejected.address, channel, createdAt: null, receivedAt: clock.now()}
    const to: Recipient = {
      ...subject,
      clientRequestId: null,
      deadline: null,
      kind,
      method: null,
      rpcId: rejected.rpcId ?? 'null',
      trace: tracer.openRejected(subject, kind, rejected.rpcId),
    }
    if (this.#isKnown(to)) return
    const message = `Bad Request: ${rejected.reason}`
    const payload =
      kind === 'oauth_discovery'
        ? oauthError('invalid_command', message)
        : rpcError({id: to.rpcId, code: rejected.rpcCode, message, data: classData('bad_command')})
    this.#answerNow(to, refusal(kind, payload))
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

  /** Commands that wait for their callers: open subscriptions and streams, and calls whose server has asked something. */
  get parked(): number {
    return this.#parked + this.#streams.size
  }

  /** Work that may depend on the answer of a caller: a call whose server has asked him, during it or beside it. */
  get isAsking(): boolean {
    if (this.#work > 0 && this.#streams.isAsking) return true
    return this.#parked > 0 && this.#open().some((call) => call.isParked && !call.isListen)
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
    const sighting = this.#core.seen.look(command.requestId)
    if (sighting.state !== 'new') {
      this.#again(to, sighting)
      return false
    }
    const wantsMcp = command.type !== 'oauth_discovery'
    if (channel === undefined || (!wantsMcp && command.channel !== 'main')) {
      this.#unsupported(command, to)
      return false
    }
    if (command.type === 'oauth_discovery') {
      this.#begin(to)
      const payload = oauthError('oauth_discovery_unavailable', 'OAuth metadata is not available through this client')
      this.#answerBegun(to, {
        type: 'oauth_discovery_response',
        status: 404,
        headers: JSON_CONTENT,
        payload,
        failure: 'bad_command',
      })
      return true
    }
    if (command.type === 'session_stream') this.#stream(command, channel, to)
    else this.#run(command, channel, to)
    return true
  }

  #run(command: JsonRpcCommand | SessionTerminationCommand, channel: Channel, to: Recipient): void {
    const lane = this.#lanes.of(command.channel)
    this.#begin(to)
    if (command.type === 'jsonrpc' && command.message.kind === 'response') {
      this.#answerServer(command, channel, lane, to)
      return
    }
    const {onOver, onParked} = this.#callEvents
    const call = new Call({core: this.#core, command, to, channel, lane, onOver, onParked})
    if (call.isListen && !onParked(true)) {
      this.#overflow(call)
      return
    }
    if (command.type === 'jsonrpc' && command.message.method === 'notifications/cancelled') {
      if (this.#cancel(lane, call, command.message)) return
    }
    const how = lane.offer(call)
    if (how === 'queued') call.queued()
    else if (how === 'full') {
      if (call.isListen) onParked(false)
      this.#overflow(call)
    }
  }

  /** It is no work: nothing waits for its end. */
  #stream(command: SessionStreamCommand, channel: Channel, to: Recipient): void {
    this.#begin(to)
    this.#work -= 1
    this.#streams.open({
      core: this.#core,
      command,
      to,
      channel,
      onOver: (fate) => {
        this.#work += 1
        this.#over(to, fate)
      },
    })
    this.#onParked()
  }

  /** The caller of a call answers what its server has asked. That needs no slot: the server waits for it. */
  #answerServer(command: JsonRpcCommand, channel: Channel, lane: Lane<Call>, to: Recipient): void {
    const {answers, message, deadline} = command
    const isLate = deadline !== null && this.#core.clock.now() >= deadline
    const asker =
      isLate || answers === null || message.id === null
        ? undefined
        : (this.#lanes.find(answers) ?? this.#streams.find(answers))
    const question = asker?.answered(message.id!) ?? null
    if (question === null || question === 'settled') {
      const status = question === null ? 404 : 202
      this.#answerBegun(to, {type: 'notify_ack', status, headers: [], payload: null, failure: null})
      return
    }
    const send: Channel['send'] = (call, sink) => question.answer(call, sink)
    new Call({core: this.#core, command, to, channel, lane, send, ...this.#callEvents}).startPastQueue()
  }

  /** The caller has hung up. His call may come later than this, on another poll: it is ignored then. */
  #hangUp({cancels}: CancelCommand): void {
    const call = this.#lanes.find(cancels) ?? this.#streams.find(cancels)
    if (call !== undefined) {
      call.hangUp()
      return
    }
    const {seen} = this.#core
    if (seen.look(cancels).state !== 'new') return
    seen.begin(cancels)
    seen.answered(cancels)
  }

  /**
   * A cancellation overtakes what waits, but never its own call. Returns true when nothing is left to do: the cancelled
   * call was still here (answered at once), or the message is on its way past the queue.
   */
  #cancel(lane: Lane<Call>, cancellation: Call, message: RpcMessage): boolean {
    const token = cancelledRequest(message)?.token
    if (token === undefined) return false
    const matches: Call[] = []
    for (const call of lane.active) {
      if (
        call.session === cancellation.session &&
        call.isOpen &&
        call.to.rpcId !== null &&
        sameId(call.to.rpcId, token)
      ) {
        matches.push(call)
      }
    }
    const call = matches[0]
    // Two callers without a session may use the same id; which one is meant cannot be known here.
    if (call === undefined || matches.length > 1) return false
    if (call.isRunning) {
      cancellation.startPastQueue()
      call.cancelRunning()
      return true
    }
    call.cancelWaiting()
    this.#answerBegun(cancellation.to, {type: 'notify_ack', status: 202, headers: [], payload: null, failure: null})
    return true
  }

  #overflow(call: Call): void {
    this.#core.emit({type: 'command_dropped', reason: 'queue_full'})
    this.#core.log.warn('command refused: its channel holds as many commands as it may', {
      request_id: call.to.requestId,
      channel: call.to.channel,
      max_inflight: this.#core.limits.maxInflight,
    })
    this.#answerBegun(call.to, failureAnswer(call.to, 'queue_full'))
  }

  #unsupported(command: AnsweredCommand, to: Recipient): void {
    const {log, emit} = this.#core
    log.error('dispatcher received unsupported channel', {request_id: to.requestId, channel: to.channel})
    emit({type: 'unsupported_channel', channel: to.channel, commandType: command.type})
    this.#answerNow(to, unsupported(command, to))
  }

  /** A request id that was here before. */
  #again(to: Recipient, sighting: ReturnType<Core['seen']['look']>): void {
    const {totals, emit, log} = this.#core
    if (sighting.state !== 'undelivered') {
      totals.duplicates += 1
      emit({type: 'command_dropped', reason: 'duplicate'})
      log.warn('command ignored: its request id was taken before', {request_id: to.requestId, channel: to.channel})
      return
    }
    this.#begin(to)
    const {kept} = sighting
    if (kept !== null) redeliver(this.#core, to, kept, (fate) => this.#over(to, fate))
    else this.#answerBegun(to, failureAnswer(to, 'closed'))
  }

  #isKnown(to: Recipient): boolean {
    const sighting = this.#core.seen.look(to.requestId)
    if (sighting.state === 'new') return false
    this.#again(to, sighting)
    return true
  }

  #answerNow(to: Recipient, answer: Answer): void {
    this.#begin(to)
    this.#answerBegun(to, answer)
  }

  #answerBegun(to: Recipient, answer: Answer): void {
    deliver(this.#core, to, answer, (fate) => this.#over(to, fate))
  }

  #begin({requestId, trace}: Recipient): void {
    this.#core.seen.begin(requestId)
    this.#work += 1
    this.#core.emit({type: 'call_started', trace})
  }

  #over({trace}: Recipient, fate: Fate): void {
    const {clock, emit} = this.#core
    trace.end(fate, trace.acknowledged ?? clock.now())
    emit({type: 'call_finished', trace})
    this.#work -= 1
    this.#onSpace()
    this.#onOver(fate)
  }

  readonly #callEvents = {
    onOver: (call: Call, fate: Fate): void => {
      if (call.isListen) this.#callEvents.onParked(false)
      this.#over(call.to, fate)
    },
    /** Moves a call between work and waiting; false: no more may wait. */
    onParked: (parked: boolean): boolean => {
      if (parked && this.#parked >= MOST_PARKED) return false
      this.#parked += parked ? 1 : -1
      this.#work += parked ? -1 : 1
      if (parked) this.#onParked()
      return true
    },
  }

  #open(): Call[] {
    return this.#lanes.active().filter((call) => call.isOpen)
  }
}
