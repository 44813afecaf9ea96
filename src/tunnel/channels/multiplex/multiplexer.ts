// Many callers, one server: each call gets an id of its own on the shared pipe and its caller's id back on the answer.
// Knows nothing of processes: a port is given and taken away, and what was in flight then is answered at once.

import type {Clock, Logger} from '../../../foundation/platform/index.ts'
import {headerOf, type RpcMessage, readRpcMessage} from '../../../foundation/wire/index.ts'
import type {
  CancelReason,
  ChannelCall,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  ServerIdentity,
  UpstreamHead,
} from '../channel.ts'
import {defect} from '../failures.ts'
import {brokenAnswerId, cancelNotice, overlongAnswerId, readMessages} from '../messages.ts'
import type {ReceiptBook} from '../receipt/protocol-receipt.ts'
import {serverIdentity} from '../server-identity.ts'
import {attribute, cancelTarget} from './attribution.ts'
import {CallTable, type OpenCall} from './call-table.ts'
import {BARE_PING, pingInEraOf} from './life-ping.ts'
import {Outbox, type Port} from './outbox.ts'
import {Pressure} from './pressure.ts'
import {Replay} from './replay.ts'
import {answerUp, internalAt, notificationDown, requestDown} from './rewrite.ts'
import {ServerRequests} from './server-requests.ts'
import {INITIALIZED, SessionMemory} from './session-memory.ts'
import {StrayAnswers} from './stray-answers.ts'
import {backlog, tooLarge, unasked, unreadable} from './verdicts.ts'

/** What a multiplexer works with. */
export interface MultiplexerOptions {
  readonly log: Logger
  readonly clock: Clock
  /** One call at a time. */
  readonly serial?: boolean
  /** How long a task's progress token outlives its call, in milliseconds. */
  readonly taskTtl: number
  /** The server said something; `answer`: it answered a call of a caller. */
  onLife(answer: boolean): void
  /** A call of this method reached its deadline before the server answered it. */
  onSilence(method: string): void
  /** It introduced itself in the answer to a handshake, a caller's or a replayed one. */
  onServer(server: ServerIdentity): void
  /** Notes what the server says of itself. */
  readonly receipts?: ReceiptBook
  /** It said something that is no JSON-RPC message. */
  onGarbage(bytes: Buffer): void
}

const NO_HEAD: UpstreamHead = {status: 0, headers: []}

/** The calls of one channel over one server at a time. */
export class Multiplexer {
  readonly #options: MultiplexerOptions
  readonly #table: CallTable
  readonly #outbox: Outbox
  readonly #memory = new SessionMemory()
  readonly #replay: Replay
  readonly #serverRequests: ServerRequests
  readonly #pressure: Pressure
  readonly #strays: StrayAnswers
  #port: Port | null = null
  #handshaken = false
  /** The liveness ping in the era of the present server; null before it has answered a caller. */
  #ping: object | null = null
  #touched = false
  #dead: ChannelFailure | null = null

  constructor(options: MultiplexerOptions) {
    this.#options = options
    const table = new CallTable(options.taskTtl)
    this.#table = table
    this.#outbox = new Outbox({
      onGateTimeout: () => this.#completeHandshake(),
      onInitialized: () => {
        if (this.#handshaken) this.#ping ??= BARE_PING
      },
      mustRest: () => options.serial === true && table.busy,
    })
    const {log, clock} = options
    this.#strays = new StrayAnswers(log)
    this.#replay = new Replay({
      memory: this.#memory,
      outbox: this.#outbox,
      log,
      ask: (message, settled) => this.#own(message, settled),
    })
    this.#serverRequests = new ServerRequests({table, outbox: this.#outbox, clock})
    this.#pressure = new Pressure({
      clock,
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

  /** Answers of the present server that belonged to no open request. */
  get strayAnswers(): number {
    return this.#strays.count
  }

  /** A server that starts now has to answer a repeated handshake first. */
  get repeatsHandshake(): boolean {
    return this.#memory.hasHandshake
  }

  /** The present server has received a request of a caller. */
  get touched(): boolean {
    return this.#touched
  }

  /** The present server has completed a handshake or answered another request, so a ping cannot change its era. */
  get canPing(): boolean {
    return this.#ping !== null
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

  /** Pings the server. Settles true when anything answered the ping, false when the server went away first. */
  ping(): Promise<boolean> {
    const ping = this.#ping ?? BARE_PING
    return new Promise((resolve) => {
      this.#own(readRpcMessage(Buffer.from(JSON.stringify({jsonrpc: '2.0', id: 0, ...ping}))), resolve)
    })
  }

  /**
   * A server has started. The latest handshake is repeated first, then what waits is written. Without a handshake to repeat,
   * what waits is held for `settleMs`, or until the server has written a message: requests that a server has received are
   * lost when it ends right after its start.
   */
  attach(port: Port, settleMs = 0): void {
    this.#dead = null
    this.#handshaken = false
    this.#ping = null
    this.#touched = false
    this.#table.newServer()
    this.#strays.newServer()
    this.#serverRequests.clear()
    this.#port = port
    this.#options.receipts?.newServer()
    const handshake = this.#memory.handshake()
    this.#outbox.open(port, handshake !== null || settleMs > 0)
    this.#replay.begin(handshake, settleMs)
  }

  /** The server takes nothing more, though it may still speak: what is not written waits for the next. */
  stopWriting(): void {
    this.#outbox.close()
    this.#port = null
  }

  /** The server is gone: what it had received fails, what it had not waits for the next. */
  detach(failure: ChannelFailure): void {
    this.#outbox.close()
    this.#serverRequests.clear()
    for (const call of this.#table.all()) if (call.written || call.own) this.#fail(call, failure)
  }

  /** No server will come for now: everything fails, what waits and what comes, until one is there after all. */
  bury(failure: ChannelFailure): void {
    this.#dead = failure
    this.#replay.end()
    this.#outbox.close()
    this.#serverRequests.clear()
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
    try {
      this.#read(bytes, about)
    } catch (thrown) {
      this.#failWritten(brokenAnswerId(bytes), this.#defect(thrown))
    }
  }

  #read(bytes: Buffer, about: number | null): void {
    readMessages(bytes, {
      message: (message) => {
        this.#replay.heard()
        if (message.kind === 'response') this.#response(message)
        else {
          this.#options.onLife(false)
          if (message.kind === 'request') this.#serverRequests.take(message, about)
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
    this.#strays.gaveUp(call.internal)
    if (reason === 'deadline' || reason === 'ttl') this.#options.onSilence(call.message.method!)
    // The protocol forbids to cancel a handshake; and nobody is told twice.
    if (call.message.method === 'initialize' || call.cancelled) return
    this.#outbox.say(cancelNotice(String(call.internal), reason))
  }

  #response(message: RpcMessage): void {
    const internal = message.idSpan === null ? null : internalAt(message.raw, message.idSpan)
    const call = internal === null ? this.#table.meantBy(message, this.#options.clock.now()) : this.#table.get(internal)
    this.#options.onLife(call !== undefined && !call.own)
    if (call === undefined) {
      if (internal !== null) this.#table.forget(internal)
      this.#strays.take(message, internal, () => this.working)
      return
    }
    this.#close(call)
    try {
      this.#answered(call, message)
    } catch (thrown) {
      call.sink.onFailure(this.#defect(thrown))
    }
  }

  #answered(call: OpenCall, message: RpcMessage): void {
    const {method} = call.message
    if (method === 'initialize') {
      if (message.isError) this.#outbox.openGate(call)
      else {
        this.#handshaken = true
        if (this.#outbox.isInitialized) this.#ping ??= BARE_PING
      }
    }
    if (!message.isError) {
      // Between `initialize` and `initialized` a Java server answers nothing, so that alone does not allow a ping.
      if (method !== 'initialize' && !call.own) this.#ping ??= pingInEraOf(call.message)
      if (!call.own) this.#memory.succeeded(call.message)
      if (method === 'initialize') this.#introduce(message.raw)
      this.#options.receipts?.answered(call.message, message.raw)
    }
    call.sink.onResponse(answerUp(message, call), NO_HEAD)
  }

  /** Everybody shares this server: what goes wrong with one message of it must not end the others. */
  #defect(thrown: unknown): ChannelFailure {
    const failure = defect(thrown)
    this.#options.log.error('a transport threw', {error: failure.message})
    return failure
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

  /** Ends a handshake whose caller sent no `initialized`: a server that insists on it would refuse the requests that waited. */
  #completeHandshake(): void {
    this.#options.log.debug('notifications/initialized did not come; telling the MCP server in its place')
    this.#outbox.say(INITIALIZED, {method: 'notifications/initialized'})
  }

  #introduce(answer: Buffer): void {
    const server = serverIdentity(answer)
    if (server !== null) this.#options.onServer(server)
  }

  #fromServer(message: RpcMessage, about: number | null): void {
    if (message.method === 'notifications/cancelled') {
      const taken = this.#serverRequests.withdraw(message)
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
