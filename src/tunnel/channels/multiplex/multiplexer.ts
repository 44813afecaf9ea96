// Many callers, one server: each call gets an id of its own on the shared pipe and its caller's id back on the answer.
// Knows nothing of processes: a port is given and taken away, and what was in flight then is answered at once.

import {headerOf, type RpcMessage, readRpcMessage} from '../../../foundation/wire/index.ts'
import type {CancelReason, ChannelCall, ChannelFailure, ChannelHandle, ChannelSink, UpstreamHead} from '../channel.ts'
import {brokenAnswerId, cancelNotice, overlongAnswerId, readMessages} from '../messages.ts'
import {serverIdentity} from '../server-identity.ts'
import {isPing, pong, refuseServerRequest} from '../server-requests.ts'
import {attribute, cancelTarget, namedCall, onlyCall} from './attribution.ts'
import {CallTable, type OpenCall} from './call-table.ts'
import type {MultiplexerOptions} from './multiplexer-options.ts'
import {Outbox, type Port} from './outbox.ts'
import {Pressure} from './pressure.ts'
import {type OpenQuestion, Questions} from './questions.ts'
import {answerDown, answerUp, internalAt, notificationDown, requestDown} from './rewrite.ts'
import {INITIALIZED, SessionMemory} from './session-memory.ts'
import {backlog, tooLarge, unasked, unreadable} from './verdicts.ts'

const NO_HEAD: UpstreamHead = {status: 0, headers: []}
/** A replayed handshake that is not answered holds up the callers this long, in milliseconds. */
const REPLAY_MS = 10_000
/** A restarted server that says nothing, though it was asked, gets the calls that wait after this. */
const WAKE_MS = 2000

/** The calls of one channel over one server at a time. */
export class Multiplexer {
  readonly #options: MultiplexerOptions
  readonly #table: CallTable
  readonly #outbox: Outbox
  readonly #memory = new SessionMemory()
  readonly #questions = new Questions()
  readonly #pressure: Pressure
  #port: Port | null = null
  #woken: (() => void) | null = null
  #generation = 0
  #handshaken = false
  #touched = false
  #dead: ChannelFailure | null = null

  constructor(options: MultiplexerOptions) {
    this.#options = options
    const table = new CallTable(options.taskTtl)
    this.#table = table
    this.#outbox = new Outbox(
      () => this.#completeHandshake(),
      () => options.serial === true && table.busy,
    )
    this.#pressure = new Pressure({
      clock: options.clock,
      working: () => this.#table.working(),
      hold: (on) => this.#port?.hold?.(on),
    })
  }

  /** Calls of callers that the present server has received and not answered. */
  get working(): number {
    return this.#table.working().length
  }

  /** Our unanswered pings, and how many of them stand before all work. */
  get pings(): {readonly open: number; readonly ahead: number} {
    return {open: this.#table.pings().length, ahead: this.#table.pingsAhead().length}
  }

  /** The present server has answered an `initialize`, a caller's or a replayed one. */
  get handshaken(): boolean {
    return this.#handshaken
  }

  /** The present server has received something of a caller. */
  get touched(): boolean {
    return this.#touched
  }

  /** See Channel.send. */
  send(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    if (this.#dead !== null) {
      sink.onFailure(this.#dead)
      return DONE
    }
    const caller = headerOf(call.headers, 'mcp-session-id') ?? ''
    if (call.message.kind === 'request') return this.#request(call, caller, sink)
    if (call.message.kind === 'notification') this.#notification(call.message, caller, sink)
    else sink.onFailure(unasked())
    return DONE
  }

  /** A request of ours. Settles true when anything answered it, false when the server went away first. */
  ask(message: object): Promise<boolean> {
    return new Promise((resolve) => {
      const own = readRpcMessage(Buffer.from(JSON.stringify({jsonrpc: '2.0', id: 0, ...message})))
      this.#own(own, resolve)
    })
  }

  /**
   * A server is there. The latest handshake is repeated first, then what waits is written; with `awaitLife` not before
   * the server has said anything, because what it has received is lost with it if it ends at once.
   */
  attach(port: Port, awaitLife = false): void {
    this.#generation++
    this.#dead = null
    this.#handshaken = false
    this.#touched = false
    this.#table.newServer()
    this.#questions.clear()
    this.#port = port
    this.#options.receipts?.newServer()
    this.#woken = null
    const handshake = this.#memory.handshake()
    this.#outbox.open(port, handshake !== null || awaitLife)
    if (handshake !== null) void this.#replay(handshake, this.#generation)
    else if (awaitLife) this.#awaitLife(this.#generation)
  }

  /** The server takes nothing more, though it may still speak: what is not written waits for the next. */
  stopWriting(): void {
    this.#outbox.close()
    this.#port = null
  }

  /** The server is gone: what it had received fails, what it had not waits for the next. */
  detach(failure: ChannelFailure): void {
    this.#outbox.close()
    this.#questions.clear()
    for (const call of this.#table.all()) if (call.written || call.own) this.#fail(call, failure)
  }

  /** No server will come for now: everything fails, what waits and what comes, until one is there after all. */
  bury(failure: ChannelFailure): void {
    this.#dead = failure
    this.#outbox.close()
    this.#questions.clear()
    for (const call of this.#table.all()) {
      this.#outbox.withdraw(call)
      this.#fail(call, failure)
    }
  }

  /** The server reads again. */
  drained(): void {
    this.#outbox.drained()
  }

  /** Bytes of the server: whole JSON texts. `about`: internal id of the call that they belong to, where it can tell. */
  receive(bytes: Buffer, about: number | null = null): void {
    readMessages(bytes, {
      message: (message) => {
        this.#woken?.()
        if (message.kind === 'response') this.#response(message)
        else {
          this.#options.onLife(false)
          if (message.kind === 'request') this.#asked(message, about)
          else this.#fromServer(message, about)
        }
      },
      garbage: (garbage) => this.#garbage(garbage),
    })
  }

  /** The server said more in one line than is kept: both ends of it, `tail` null while more may come. */
  overlong(line: {readonly limit: number; readonly head: Buffer; readonly tail: Buffer | null}): void {
    this.#options.onLife(false)
    this.#failWritten(overlongAnswerId(line), tooLarge(line.limit))
  }

  #request({message, serverRequests}: ChannelCall, caller: string, sink: ChannelSink): ChannelHandle {
    const call = this.#table.open({message, caller, sink, canBeAsked: serverRequests === true})
    const taken = this.#outbox.post({
      bytes: requestDown(message, call.internal),
      method: message.method,
      call,
      after: null,
      onWritten: () => {
        this.#touched = true
        this.#pressure.look()
      },
    })
    if (!taken) this.#fail(call, backlog())
    return {
      cancel: (reason) => this.#cancel(call, reason),
      pause: () => this.#pressure.press(call),
      resume: () => this.#pressure.relax(call),
    }
  }

  #notification(message: RpcMessage, caller: string, sink: ChannelSink): void {
    const target = message.method === 'notifications/cancelled' ? cancelTarget(message, caller, this.#table) : null
    if (message.method === 'notifications/cancelled' && target === null) {
      sink.onAccepted(NO_HEAD)
      return
    }
    const requestId = target === null ? undefined : {span: target.span, internal: target.call.internal}
    const taken = this.#outbox.post({
      bytes: notificationDown(message, requestId),
      method: message.method,
      call: null,
      after: target?.call ?? null,
      onWritten: () => {
        this.#touched = true
        this.#memory.told(message)
        if (target !== null) target.call.cancelled = true
        sink.onAccepted(NO_HEAD)
      },
    })
    if (!taken) sink.onFailure(backlog())
  }

  #cancel(call: OpenCall, reason: CancelReason): void {
    if (!this.#close(call)) return
    if (!call.written) {
      this.#outbox.withdraw(call)
      return
    }
    this.#table.retire(call, this.#options.clock.now())
    if (reason === 'deadline' || reason === 'ttl') this.#options.onSilence()
    // The protocol forbids to cancel a handshake; and nobody is told twice.
    if (call.message.method === 'initialize' || call.cancelled) return
    this.#urgent(cancelNotice(String(call.internal), reason))
  }

  #response(message: RpcMessage): void {
    const internal = message.idSpan === null ? null : internalAt(message.raw, message.idSpan)
    const call = internal === null ? this.#table.meantBy(message, this.#options.clock.now()) : this.#table.get(internal)
    this.#options.onLife(call !== undefined && !call.own)
    if (call === undefined) {
      if (internal !== null) this.#table.forget(internal)
      return
    }
    this.#close(call)
    const {method} = call.message
    if (method === 'initialize') {
      if (message.isError) this.#outbox.openGate(call)
      else {
        this.#handshaken = true
        this.#outbox.shaken(call)
      }
    }
    if (!message.isError) {
      if (!call.own) this.#memory.succeeded(call.message)
      if (method === 'initialize') this.#introduce(message.raw)
      this.#options.receipts?.answered(call.message, message.raw)
    }
    call.sink.onResponse(answerUp(message, call), NO_HEAD)
  }

  /** An answer that cannot be read is no reason to let its caller wait. */
  #garbage(garbage: Buffer): void {
    this.#options.onGarbage(garbage)
    this.#failWritten(brokenAnswerId(garbage), unreadable())
  }

  #failWritten(internal: number | null, failure: ChannelFailure): void {
    const call = internal === null ? undefined : this.#table.get(internal)
    if (call?.written) this.#fail(call, failure)
  }

  /** A caller shook hands, asks on, and left out the end of it: servers that insist on it would let everybody wait. */
  #completeHandshake(): void {
    if (!this.#handshaken) return
    this.#options.log.debug('notifications/initialized did not come; telling the MCP server in its place')
    this.#urgent(INITIALIZED, 'notifications/initialized')
  }

  #introduce(answer: Buffer): void {
    const server = serverIdentity(answer)
    if (server !== null) this.#options.onServer(server)
  }

  /** The server asks its client. Which one it means is known when it tells, or works for a single call. */
  #asked(message: RpcMessage, about: number | null): void {
    if (isPing(message)) {
      this.#urgent(pong(message))
      return
    }
    const now = this.#options.clock.now()
    const call = about === null ? onlyCall(this.#table, now) : namedCall(this.#table, about)
    if (call === null || !call.canBeAsked) {
      const somebodyCould = call === null && this.#table.working().some(({canBeAsked}) => canBeAsked)
      const nobodyThere = call === null && this.#table.working().length === 0
      this.#urgent(refuseServerRequest(message, somebodyCould || nobodyThere ? -32603 : -32601))
      return
    }
    const question = {message, call}
    if (!this.#questions.open(question)) return
    call.sink.onServerRequest?.(
      {
        message,
        answer: (answer, sink) => this.#answer(question, answer.message, sink),
        refuse: (code) => {
          if (this.#questions.close(question)) this.#urgent(refuseServerRequest(message, code))
        },
      },
      NO_HEAD,
    )
  }

  #answer(question: OpenQuestion, answer: RpcMessage, sink: ChannelSink): ChannelHandle {
    if (!this.#questions.close(question)) {
      sink.onFailure(unasked())
      return DONE
    }
    const bytes = answerDown(answer, question.message.id!)
    const onWritten = (): void => sink.onAccepted(NO_HEAD)
    if (!this.#outbox.postUrgent({bytes, method: null, call: null, after: null, onWritten})) sink.onFailure(backlog())
    return DONE
  }

  #fromServer(message: RpcMessage, about: number | null): void {
    if (message.method === 'notifications/cancelled') {
      const taken = this.#questions.withdraw(message)
      if (taken !== null) {
        taken.call.sink.onNotification(message.raw, NO_HEAD)
        return
      }
    }
    if (message.method === 'notifications/tools/list_changed') this.#options.receipts?.toolsChanged()
    const deliveries = attribute(message, this.#table, this.#options.clock.now(), about)
    for (const {call, raw} of deliveries) call.sink.onNotification(raw, NO_HEAD)
    if (deliveries.length === 0 && this.#options.log.enabled('debug')) {
      this.#options.log.debug('dropped a notification that belongs to no call', {rpc_method: message.method})
    }
  }

  #awaitLife(generation: number): void {
    const go = (): void => {
      if (generation !== this.#generation || this.#woken === null) return
      this.#woken = null
      this.#outbox.release()
    }
    this.#woken = go
    setTimeout(go, WAKE_MS).unref()
  }

  async #replay(handshake: {initialize: RpcMessage; initialized: RpcMessage}, generation: number): Promise<void> {
    const answered = await Promise.race([
      new Promise<boolean>((resolve) => this.#own(handshake.initialize, resolve)),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), REPLAY_MS).unref()),
    ])
    if (generation !== this.#generation || this.#dead !== null) return
    if (!answered) this.#options.log.warn('MCP server did not answer the repeated initialize')
    else {
      this.#urgent(notificationDown(handshake.initialized), 'notifications/initialized')
      for (const setting of this.#memory.settings()) this.#own(setting, () => {})
    }
    this.#outbox.release()
  }

  /** Writes a request of ours before everything that waits. */
  #own(message: RpcMessage, settled: (answered: boolean) => void): void {
    const sink: ChannelSink = {
      onNotification: () => {},
      onResponse: () => settled(true),
      onAccepted: () => {},
      onFailure: () => settled(false),
    }
    const call = this.#table.open({message, caller: '', sink, own: true})
    const bytes = requestDown(message, call.internal)
    const taken = this.#outbox.postUrgent({bytes, method: message.method, call, after: null, onWritten: () => {}})
    if (!taken) this.#fail(call, backlog())
  }

  #urgent(bytes: Buffer, method: string | null = null): void {
    this.#outbox.postUrgent({bytes, method, call: null, after: null, onWritten: () => {}})
  }

  #fail(call: OpenCall, failure: ChannelFailure): void {
    if (this.#close(call)) call.sink.onFailure(failure)
  }

  /** False when it was over before. */
  #close(call: OpenCall): boolean {
    if (!this.#table.close(call, this.#options.clock.now())) return false
    this.#pressure.relax(call)
    this.#pressure.look()
    if (this.#options.serial === true) this.#outbox.flush()
    return true
  }
}

const DONE: ChannelHandle = {cancel: () => {}, pause: () => {}, resume: () => {}}
