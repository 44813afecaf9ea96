// One command under way: from the lane to the MCP server, and its answer back. Everything that can end it (an answer, a
// failure, its deadline, the TTL, a cancellation, the end of the daemon) comes together here, and exactly one of them wins.

import {messageOf} from '../../foundation/errors/index.ts'
import {type LogAttrs, lateCheck, type Timer} from '../../foundation/platform/index.ts'
import {
  headerOf,
  type JsonRpcCommand,
  responseHeaders,
  type SessionTerminationCommand,
} from '../../foundation/wire/index.ts'
import type {
  CancelReason,
  Channel,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  ServerRequest,
  UpstreamHead,
} from '../channels/index.ts'
import {
  type Answer,
  acknowledgement,
  cancelledAnswer,
  failureAnswer,
  failureToAnswer,
  type Recipient,
  responseAnswer,
} from './answers/answer.ts'
import {commandAttrs, credentialsOf, logDeadline, logFailure} from './answers/command-log.ts'
import {deliver} from './answers/deliver.ts'
import {terminate} from './answers/termination.ts'
import type {Core} from './core.ts'
import {Gate} from './lanes/gate.ts'
import type {Lane, LaneTask} from './lanes/lane.ts'
import {Lease, type LeaseHolder} from './lanes/lease.ts'
import type {Ledger} from './ledger.ts'
import {ServerMessages, thinOutAt} from './server-messages/server-messages.ts'
import type {Fate} from './trace/call-record.ts'

/** A cancelled call that the server does not answer ends by itself after this. */
const CANCEL_GRACE_MS = 2_000

/** What a call needs. */
export interface CallOptions {
  readonly core: Core
  /** The command is open there. */
  readonly ledger: Ledger
  readonly command: JsonRpcCommand | SessionTerminationCommand
  readonly to: Recipient
  readonly channel: Channel
  readonly lane: Lane<Call>
  /** Sends the message; default: the channel does. */
  readonly send?: Channel['send']
}

/**
 * - `waiting`: in the lane.
 * - `running`: the MCP server has it.
 * - `answering`: what it ends with is known, and follows what the server said before.
 * - `delivering`: that is on its way up.
 * - `over`: delivered, or nobody waits for it any more.
 */
type CallState = 'waiting' | 'running' | 'answering' | 'delivering' | 'over'

/** A command with a channel. */
export class Call implements LaneTask, ChannelSink, LeaseHolder {
  readonly requestId: string
  readonly session: string
  readonly needsSlot: boolean
  /** An open-ended subscription: no slot, no TTL, and nothing that a drain waits for. */
  readonly isListen: boolean
  readonly to: Recipient
  readonly command: JsonRpcCommand | SessionTerminationCommand
  readonly #core: Core
  readonly #ledger: Ledger
  readonly #channel: Channel
  readonly #lane: Lane<Call>
  readonly #sendTo: Channel['send'] | undefined
  #state: CallState = 'waiting'
  #handle: ChannelHandle | null = null
  /** Bounds a cancellation while it runs, and while it is answering what holds the answer up. */
  #patience: Timer | null = null
  #messages: ServerMessages | null = null
  readonly #lease: Lease
  /** Of a notification; null: nothing waits for it. */
  #gate: Gate | null
  #signals = 0
  /** Writes the line about this command's end once its answer has been taken; the log claims nothing earlier. */
  #tell: (() => void) | null = null

  constructor({core, ledger, command, to, channel, lane, send}: CallOptions) {
    this.#core = core
    this.#ledger = ledger
    this.command = command
    this.#channel = channel
    this.#lane = lane
    this.#sendTo = send
    this.to = to
    this.requestId = command.requestId
    this.session = headerOf(command.headers, 'mcp-session-id') ?? ''
    this.isListen = this.to.kind === 'call' && this.to.method === 'subscriptions/listen'
    this.needsSlot = this.to.kind !== 'notification' && !this.isListen
    this.#gate = this.to.kind === 'notification' ? new Gate({core, lane, session: this.session}) : null
    this.#lease = new Lease({core, ledger, slots: lane, holder: this})
  }

  /** True until the server's answer (or what stands for it) is on its way. */
  get isOpen(): boolean {
    return this.#state === 'waiting' || this.#state === 'running'
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** It waits for somebody else than the server: an open subscription, or a question to its caller. */
  get isParked(): boolean {
    return this.#lease.isParked
  }

  /** It has to wait in the lane: from now on only its deadline can hurry it. */
  queued(): void {
    this.#lease.wait()
  }

  start(): void {
    const {clock, log} = this.#core
    const now = clock.now()
    this.#state = 'running'
    this.#lease.begin(now)
    if (now >= (this.command.deadline ?? Number.POSITIVE_INFINITY)) {
      log.info('dropping command whose response deadline has passed', this.#attrs())
      this.#end('expired')
      return
    }
    this.to.trace.dispatched = now
    try {
      if (this.command.type === 'session_termination') this.#terminate()
      else this.#send(this.command)
    } catch (thrown) {
      // A defect of a transport must cost this one call only, and the caller still hears of it.
      log.error('a transport threw', {...this.#attrs(), error: messageOf(thrown)})
      if (this.isOpen) this.#answer(failureAnswer(this.to, 'internal'))
    }
  }

  /** Starts a message that must not wait behind others: a cancellation of what runs, an answer to the server. */
  startPastQueue(): void {
    this.#gate = null
    this.#lane.active.add(this.requestId, this)
    this.start()
  }

  onHead(): void {
    if (this.#state === 'running') this.to.trace.begun(this.#core.clock)
  }

  onNotification(raw: Buffer, head: UpstreamHead): void {
    if (this.#state !== 'running') return
    this.#signals += 1
    this.to.trace.notified(this.#core.clock)
    this.#upward(head).notification(raw)
  }

  onServerRequest(request: ServerRequest, head: UpstreamHead): void {
    if (this.#state !== 'running') {
      request.refuse(-32603)
      return
    }
    this.#signals += 1
    this.#upward(head).request(request)
  }

  /** What the server asked under this id: see {@link ServerMessages.answered}. */
  answered(id: string): ServerRequest | 'settled' | null {
    return this.#state === 'running' ? (this.#messages?.answered(id) ?? null) : null
  }

  onResponse(raw: Buffer, head: UpstreamHead): void {
    if (this.#state !== 'running') return
    if (this.to.kind !== 'call') {
      this.onAccepted(head)
      return
    }
    this.to.trace.heard = true
    if (this.#core.log.enabled('debug')) this.#tellDebug('dispatcher delivered response to control plane')
    this.#answer(responseAnswer(raw, head))
  }

  onAccepted(head: UpstreamHead): void {
    if (this.#state !== 'running') return
    this.to.trace.heard = true
    if (this.to.kind === 'call') {
      this.#answer(failureAnswer(this.to, 'mcp_no_answer'))
      return
    }
    if (this.#core.log.enabled('debug')) this.#tellDebug('dispatcher acknowledged notification with control plane')
    const status = head.status || (this.#sendTo === undefined ? 200 : 202)
    this.#answer(acknowledgement(status, responseHeaders(head.headers)))
  }

  onFailure(failure: ChannelFailure): void {
    if (this.#state !== 'running') return
    const answer = failureToAnswer(this.to, failure)
    if (failure.preserved) {
      this.#tellDebug('dispatcher delivered preserved MCP error response to control plane')
    } else {
      const credentials = credentialsOf(this.command.headers, this.to.shardToken)
      this.#tell = () => logFailure(this.#core, this.#attrs(), {failure, credentials})
    }
    this.#answer(answer)
  }

  /** The caller has cancelled a call that still waits: it is answered at once. */
  cancelWaiting(): void {
    if (this.#state !== 'waiting') return
    this.#lane.withdraw(this)
    this.#answer(cancelledAnswer(this.to))
  }

  /** The caller has cancelled a running call, and the server was told: servers need not answer, we have to. */
  cancelRunning(): void {
    if (this.#state !== 'running' || this.#patience !== null) return
    const {wheel, clock} = this.#core
    this.#patience = wheel.at(clock.now() + CANCEL_GRACE_MS, () =>
      this.#late(() => {
        this.#handle?.cancel('caller')
        this.#answer(cancelledAnswer(this.to))
      }),
    )
  }

  /** The caller has gone: the server is told, and nothing is posted. What is on its way already is left alone. */
  hangUp(): void {
    if (!this.#stop('gone')) return
    this.#core.log.debug('the caller is gone; the command is cancelled', this.#attrs())
    this.#core.emit({type: 'command_dropped', reason: 'context_canceled'})
    this.#end('cancelled')
  }

  /** Its time is over, by our clock or that of the service. What is on its way already is left alone. */
  expire(): void {
    if (!this.#stop('deadline')) return
    logDeadline(this.#core, this.to)
    this.#end('expired')
  }

  /** The daemon stops before this was done: a typed 503. */
  refuse(): void {
    if (!this.isOpen) return
    this.#stop('shutdown')
    this.#answer(failureAnswer(this.to, 'draining'))
  }

  /** Ends it now, without an answer. */
  kill(): void {
    if (this.#state === 'over') return
    this.#stop('shutdown')
    this.#messages?.abort()
    this.#over('aborted')
  }

  #send(command: JsonRpcCommand): void {
    const {requestId, message, headers, deadline, serverRequests} = command
    const {log} = this.#core
    this.#gate?.shut()
    const outgoing = {requestId, message, headers, deadline, serverRequests}
    const handle = this.#sendTo?.(outgoing, this) ?? this.#channel.send(outgoing, this)
    if (this.#state === 'running') {
      this.#handle = handle
      this.#gate?.limit()
    }
    if (log.enabled('debug')) log.debug('dispatcher forwarded command to MCP server', this.#attrs())
  }

  #terminate(): void {
    const {command, to, session} = this
    terminate({core: this.#core, channel: this.#channel, command, to, session}).then(
      ({answer, tell}) => {
        if (this.#state !== 'running') return
        this.#tell = tell
        this.#answer(answer)
      },
      () => {
        if (this.#state === 'running') this.#answer(failureAnswer(this.to, 'internal'))
      },
    )
  }

  onTimer(): void {
    this.#late(() => {
      const {deadline} = this.command
      if (deadline !== null && this.#core.clock.now() >= deadline) return this.expire()
      this.#core.log.info('MCP connection TTL reached; stopping response forwarding', this.#attrs())
      this.#handle?.cancel('ttl')
      this.#answer(failureAnswer(this.to, 'ttl'))
    })
  }

  /** Lets arrive what the kernel already holds, then acts if the call is still open. */
  #late(act: () => void): void {
    lateCheck({
      progress: () => this.#signals,
      expire: () => {
        if (this.isOpen) act()
      },
    })
  }

  #upward(head: UpstreamHead): ServerMessages {
    this.#messages ??= new ServerMessages({
      core: this.#core,
      to: this.to,
      session: this.session,
      head,
      waiting: this.#lease,
      onPressure: (high) => (high ? this.#handle?.pause() : this.#handle?.resume()),
      onGone: () => this.hangUp(),
    })
    return this.#messages
  }

  /** Exactly one answer passes here. */
  #answer(answer: Answer): void {
    this.#state = 'answering'
    this.#handle = null
    this.#clearTimers()
    const messages = this.#messages
    messages?.endRequests()
    if (messages === null || messages.idle) this.#deliver(answer)
    else {
      const {wheel, clock} = this.#core
      const now = clock.now()
      this.to.trace.answered = now
      const {deadline} = this.command
      if (deadline !== null) this.#patience = wheel.at(thinOutAt(now, deadline), () => messages.thinOut())
      messages.finish(() => {
        this.#clearTimers()
        this.#deliver(answer)
      })
    }
    this.#gate?.open()
    this.#lease.releaseSlot()
  }

  #deliver(answer: Answer): void {
    if (this.#state !== 'answering') return
    this.#state = 'delivering'
    deliver(this.#core, this.to, answer, (fate) => {
      if (fate === 'delivered') this.#tell?.()
      this.#over(fate)
    })
  }

  /** Nothing more is done for it. False: it is over, or its answer is on its way. */
  #stop(reason: CancelReason): boolean {
    if (this.#state === 'over' || this.#state === 'delivering') return false
    if (this.#state === 'waiting') this.#lane.withdraw(this)
    if (this.#state === 'running') this.#handle?.cancel(reason)
    return true
  }

  /** Nobody wants an answer: nothing is posted. */
  #end(fate: 'expired' | 'cancelled'): void {
    this.#messages?.abort()
    this.#messages?.endRequests()
    this.#core.seen.answered(this.command.requestId)
    this.#over(fate)
    this.#lease.releaseSlot()
  }

  #over(fate: Fate): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#handle = null
    this.#clearTimers()
    this.#gate?.open()
    this.#lane.forget(this)
    if (this.isListen) this.#ledger.park(false)
    this.#ledger.close(this.to, fate)
  }

  #clearTimers(): void {
    const {wheel} = this.#core
    this.#lease.end()
    if (this.#patience !== null) wheel.clear(this.#patience)
    this.#patience = null
  }

  #tellDebug(text: string): void {
    this.#tell = () => this.#core.log.debug(text, this.#attrs())
  }

  #attrs(): LogAttrs {
    return commandAttrs(this.to, this.session)
  }
}
