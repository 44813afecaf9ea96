// One command under way: from the lane to the MCP server, and its answer back. Everything that can end it (an answer, a
// failure, its deadline, the TTL, a cancellation, the end of the daemon) comes together here, and exactly one of them wins.

import {isUtf8} from 'node:buffer'
import {messageOf} from '../../foundation/errors/index.ts'
import {type Instant, type LogAttrs, lateCheck, type Timer} from '../../foundation/platform/index.ts'
import {
  headerOf,
  type JsonRpcCommand,
  responseHeaders,
  rpcError,
  type SessionTerminationCommand,
} from '../../foundation/wire/index.ts'
import type {
  CancelReason,
  Channel,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  UpstreamHead,
} from '../channels/index.ts'
import {type Answer, failureAnswer, failureToAnswer, finalHeaders, JSON_CONTENT, type Recipient} from './answers.ts'
import {type Core, commandAttrs, deliver, logDeadline, logFailure} from './deliver.ts'
import type {Lane, LaneTask} from './lane.ts'
import {notificationsOf} from './notifications.ts'
import type {Outbox} from './outbox.ts'
import type {Fate} from './trace/call-record.ts'

/** Over HTTP a notification has started when it was acknowledged; nobody waits longer than this for it. */
const NOTIFICATION_GATE_MS = 1_000
/** A cancelled call that the server does not answer ends by itself after this. */
const CANCEL_GRACE_MS = 2_000
/** A terminal answer waits behind progress that has been overtaken for this long, and for half of its time at most. */
const TERMINAL_PATIENCE_MS = 5_000
const REQUEST_CANCELLED = -32800

/** What a call needs. */
export interface CallOptions {
  readonly core: Core
  readonly command: JsonRpcCommand | SessionTerminationCommand
  readonly to: Recipient
  readonly channel: Channel
  readonly lane: Lane<Call>
  /** It is over, in whatever way. */
  readonly onOver: (call: Call, fate: Fate) => void
}

/** A command with a channel. */
export class Call implements LaneTask, ChannelSink {
  readonly session: string
  readonly needsSlot: boolean
  /** An open-ended subscription: no slot, no TTL, and nothing that a drain waits for. */
  readonly isListen: boolean
  readonly to: Recipient
  readonly command: JsonRpcCommand | SessionTerminationCommand
  readonly #core: Core
  readonly #channel: Channel
  readonly #lane: Lane<Call>
  readonly #onOver: (call: Call, fate: Fate) => void
  #state: 'waiting' | 'running' | 'answering' | 'over' = 'waiting'
  #handle: ChannelHandle | null = null
  #timer: Timer | null = null
  #gate: Timer | true | null = null
  #grace: Timer | null = null
  #outbox: Outbox | null = null
  #gated: boolean
  #signals = 0
  /** Writes the line about this command's end once its answer has been taken; the log claims nothing earlier. */
  #tell: (() => void) | null = null

  constructor({core, command, to, channel, lane, onOver}: CallOptions) {
    this.#core = core
    this.command = command
    this.#channel = channel
    this.#lane = lane
    this.#onOver = onOver
    this.to = to
    this.session = headerOf(command.headers, 'mcp-session-id') ?? ''
    this.isListen = this.to.kind === 'call' && this.to.method === 'subscriptions/listen'
    this.#gated = this.to.kind === 'notification'
    this.needsSlot = this.to.kind !== 'notification' && !this.isListen
  }

  /** True until the server's answer (or what stands for it) is on its way. */
  get isOpen(): boolean {
    return this.#state === 'waiting' || this.#state === 'running'
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** It has to wait in the lane: from now on only its deadline can hurry it. */
  queued(): void {
    const {deadline} = this.command
    if (deadline !== null) this.#timer = this.#core.wheel.at(deadline, () => this.#onTimer())
  }

  start(): void {
    const {clock, limits, log, wheel} = this.#core
    const now = clock.now()
    const {deadline} = this.command
    this.#state = 'running'
    this.#clearTimer()
    if (deadline !== null && now >= deadline) {
      log.info('dropping command whose response deadline has passed', this.#attrs())
      this.#expire()
      return
    }
    const ttlEnd = this.isListen ? null : now + limits.connectionMaxTtl
    const end = earliest(deadline, ttlEnd)
    if (end !== null) this.#timer = wheel.at(end, () => this.#onTimer())
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

  /** Sends a cancellation of this running call's own caller past the queue: see dispatcher. */
  startPastQueue(): void {
    this.#gated = false
    this.#lane.active.add(this)
    this.start()
  }

  onNotification(raw: Buffer, head: UpstreamHead): void {
    if (this.#state !== 'running' || !isUtf8(raw)) return
    this.#signals += 1
    const {trace} = this.to
    trace.notifications += 1
    trace.firstByte ??= this.#core.clock.now()
    this.#outbox ??= notificationsOf({
      core: this.#core,
      to: this.to,
      head,
      attrs: () => this.#attrs(),
      onPressure: (high) => (high ? this.#handle?.pause() : this.#handle?.resume()),
    })
    this.#outbox.push(raw)
  }

  onResponse(raw: Buffer, head: UpstreamHead): void {
    if (this.#state !== 'running') return
    if (this.to.kind !== 'call') {
      this.onAccepted(head)
      return
    }
    this.to.trace.heard = true
    if (!isUtf8(raw)) {
      this.#answer(failureAnswer(this.to, 'mcp_not_json'))
      return
    }
    if (this.#core.log.enabled('debug')) this.#tellDebug('dispatcher delivered response to control plane')
    this.#answer({
      type: 'jsonrpc_response',
      status: head.status || 200,
      headers: finalHeaders(head),
      payload: raw,
      failure: null,
    })
  }

  onAccepted(head: UpstreamHead): void {
    if (this.#state !== 'running') return
    this.to.trace.heard = true
    if (this.to.kind === 'call') {
      this.#answer(failureAnswer(this.to, 'mcp_no_answer'))
      return
    }
    if (this.#core.log.enabled('debug')) this.#tellDebug('dispatcher acknowledged notification with control plane')
    const headers = responseHeaders(head.headers)
    this.#answer({type: 'notify_ack', status: head.status || 200, headers, payload: null, failure: null})
  }

  onFailure(failure: ChannelFailure): void {
    if (this.#state !== 'running') return
    const answer = failureToAnswer(this.to, failure)
    if (failure.preserved) {
      this.#tellDebug('dispatcher delivered preserved MCP error response to control plane')
    } else {
      this.#tell = () => logFailure(this.#core, this.#attrs(), failure)
    }
    this.#answer(answer)
  }

  /** The caller has cancelled a call that still waits: it is answered at once. */
  cancelWaiting(): void {
    if (this.#state !== 'waiting') return
    this.#lane.withdraw(this)
    this.#answer(this.#cancelled())
  }

  /** The caller has cancelled a running call, and the server was told: servers need not answer, we have to. */
  cancelRunning(): void {
    if (this.#state !== 'running' || this.#grace !== null) return
    const {wheel, clock} = this.#core
    this.#grace = wheel.at(clock.now() + CANCEL_GRACE_MS, () =>
      this.#late(() => {
        this.#drop('caller')
        this.#answer(this.#cancelled())
      }),
    )
  }

  /** The daemon stops before this was done: a typed 503. */
  refuse(): void {
    if (!this.isOpen) return
    if (this.#state === 'waiting') this.#lane.withdraw(this)
    else this.#drop('shutdown')
    this.#answer(failureAnswer(this.to, 'draining'))
  }

  /** Ends it now, without an answer. */
  kill(): void {
    if (this.#state === 'over') return
    if (this.#state === 'waiting') this.#lane.withdraw(this)
    if (this.#state === 'running') this.#drop('shutdown')
    this.#outbox?.abort()
    this.#over('aborted')
  }

  #send(command: JsonRpcCommand): void {
    const {requestId, message, headers, deadline} = command
    const {log} = this.#core
    if (this.#gated) {
      this.#gate = true
      this.#lane.close(this.session)
    }
    const handle = this.#channel.send({requestId, message, headers, deadline}, this)
    if (this.#state === 'running') {
      this.#handle = handle
      if (this.#gated) {
        const {wheel, clock} = this.#core
        this.#gate = wheel.at(clock.now() + NOTIFICATION_GATE_MS, () => this.#openGate())
      }
    }
    if (log.enabled('debug')) log.debug('dispatcher forwarded command to MCP server', this.#attrs())
  }

  #terminate(): void {
    const {log} = this.#core
    this.#channel.terminateSession(this.command.headers, this.command.deadline).then(
      ({status, headers}) => {
        if (this.#state !== 'running') return
        const text =
          status === 405 && this.#channel.processAffinity
            ? 'dispatcher rejected MCP session termination for unsupported transport'
            : 'dispatcher received MCP session termination upstream error; posted response to control plane'
        this.#tell = () => {
          if (status >= 400) log.warn(text, {...this.#attrs(), status_code: status})
          else log.info('dispatcher terminated MCP session and posted response to control plane', this.#attrs())
        }
        this.#answer({
          type: 'session_termination_response',
          status: status || 502,
          headers: responseHeaders(headers),
          payload: null,
          failure: status >= 400 ? 'mcp_status' : null,
        })
      },
      () => {
        if (this.#state === 'running') this.#answer(failureAnswer(this.to, 'internal'))
      },
    )
  }

  #onTimer(): void {
    this.#timer = null
    this.#late(() => {
      const {deadline} = this.command
      if (deadline !== null && this.#core.clock.now() >= deadline) {
        if (this.#state === 'waiting') this.#lane.withdraw(this)
        else this.#drop('deadline')
        logDeadline(this.#core, this.to)
        this.#expire()
        return
      }
      this.#core.log.info('MCP connection TTL reached; stopping response forwarding', this.#attrs())
      this.#drop('ttl')
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

  #cancelled(): Answer {
    const payload = rpcError({id: this.to.rpcId, code: REQUEST_CANCELLED, message: 'Request cancelled'})
    return {
      type: 'jsonrpc_response',
      status: 200,
      headers: JSON_CONTENT,
      payload,
      failure: 'canceled',
    }
  }

  /** Gives up on the server. */
  #drop(reason: CancelReason): void {
    this.#handle?.cancel(reason)
  }

  /** Exactly one answer passes here. */
  #answer(answer: Answer): void {
    const wasRunning = this.#state === 'running'
    this.#state = 'answering'
    this.#handle = null
    this.#clearTimer()
    const outbox = this.#outbox
    if (outbox === null || outbox.idle) this.#deliver(answer)
    else {
      const {wheel, clock} = this.#core
      const now = clock.now()
      this.to.trace.answered = now
      const {deadline} = this.command
      const left = deadline === null ? Number.POSITIVE_INFINITY : deadline - now
      this.#timer = wheel.at(now + Math.min(TERMINAL_PATIENCE_MS, left / 2), () => outbox.thinOut())
      outbox.finish(() => {
        this.#clearTimer()
        this.#deliver(answer)
      })
    }
    this.#openGate()
    if (wasRunning && this.needsSlot) this.#lane.releaseSlot()
  }

  #deliver(answer: Answer): void {
    if (this.#state !== 'answering') return
    deliver(this.#core, this.to, answer, (fate) => {
      if (fate === 'delivered') this.#tell?.()
      this.#over(fate)
    })
  }

  /** Its time is over: nothing is posted. */
  #expire(): void {
    const wasRunning = this.#state === 'running'
    this.#outbox?.abort()
    this.#core.seen.answered(this.command.requestId)
    this.#over('expired')
    if (wasRunning && this.needsSlot) this.#lane.releaseSlot()
  }

  #over(fate: Fate): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#handle = null
    this.#clearTimer()
    this.#openGate()
    this.#lane.forget(this)
    this.#onOver(this, fate)
  }

  #openGate(): void {
    if (this.#gate === null) return
    if (this.#gate !== true) this.#core.wheel.clear(this.#gate)
    this.#gate = null
    this.#lane.open(this.session)
  }

  #clearTimer(): void {
    const {wheel} = this.#core
    if (this.#timer !== null) wheel.clear(this.#timer)
    if (this.#grace !== null) wheel.clear(this.#grace)
    this.#timer = null
    this.#grace = null
  }

  #tellDebug(text: string): void {
    this.#tell = () => this.#core.log.debug(text, this.#attrs())
  }

  #attrs(): LogAttrs {
    return commandAttrs(this.to, this.session)
  }
}

const earliest = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null ? a : Math.min(a, b)
