// Brings one terminal answer to the control plane and settles the command's fate: delivered, replaced by a small error when
// the service cannot take it, or remembered for a redelivery.

import {type Instant, redactValues} from '../../../foundation/platform/index.ts'
import {encodeResponse, type ResponseType} from '../../../foundation/wire/index.ts'
import type {RequestHandle, RespondOutcome} from '../../control-plane/index.ts'
import type {Core} from '../core.ts'
import type {KeptAnswer} from '../seen-set.ts'
import type {Fate} from '../trace/call-record.ts'
import {type Answer, failureAnswer, type Recipient} from './answer.ts'
import {logDeadline} from './command-log.ts'

/** Delivers `answer`; `done` comes once. */
export function deliver(core: Core, to: Recipient, answer: Answer, done: (fate: Fate) => void): RequestHandle {
  const delivery = new TerminalDelivery(core, to, done)
  delivery.post(answer)
  return delivery
}

/** Posts bytes that were encoded before: a kept answer for a command that came again. */
export function redeliver(core: Core, to: Recipient, kept: KeptAnswer, done: (fate: Fate) => void): void {
  to.trace.posted = core.clock.now()
  new TerminalDelivery(core, to, done).send(kept.body, kept.type, null)
}

class TerminalDelivery implements RequestHandle {
  readonly #core: Core
  readonly #to: Recipient
  readonly #onDone: (fate: Fate) => void
  #handle: RequestHandle | null = null

  constructor(core: Core, to: Recipient, done: (fate: Fate) => void) {
    this.#core = core
    this.#to = to
    this.#onDone = done
    core.deliveries.add(to.requestId, this)
  }

  abort(): void {
    this.#handle?.abort()
  }

  #done(fate: Fate): void {
    this.#core.deliveries.delete(this.#to.requestId)
    this.#onDone(fate)
  }

  post(answer: Answer): void {
    const {requestId, channel, deadline, trace} = this.#to
    const now = this.#core.clock.now()
    trace.answered ??= now
    trace.failure = answer.failure
    trace.responseBytes = answer.payload === null ? 0 : answer.payload.length
    if (deadline !== null && now >= deadline) {
      this.#core.seen.answered(requestId)
      logDeadline(this.#core, this.#to)
      this.#done('expired')
      return
    }
    const {type, status, headers, payload} = answer
    trace.status = status
    trace.posted = now
    this.send(encodeResponse({requestId, channel, payload, headers, status, type}), type, answer)
  }

  send(body: readonly Buffer[], type: ResponseType, answer: Answer | null): void {
    const {requestId, shardToken, clientRequestId, deadline} = this.#to
    const options = {requestId, body, type, shardToken, clientRequestId, deadline}
    this.#core.totals.posting += 1
    this.#handle = this.#core.client.respond(options, (outcome) => {
      this.#core.totals.posting -= 1
      this.#settle(outcome, body, type, answer)
    })
  }

  #settle(outcome: RespondOutcome, body: readonly Buffer[], type: ResponseType, answer: Answer | null): void {
    const {seen, emit, totals, log} = this.#core
    const {requestId} = this.#to
    const {attempts} = outcome
    this.#to.trace.attempts += attempts
    if (outcome.kind === 'delivered') {
      emit({type: 'response_posted', responseType: type, outcome: outcome.unknown ? 'unknown' : 'delivered', attempts})
      seen.answered(requestId)
      totals.delivered += 1
      if (outcome.silentUntil !== undefined) this.#core.onSilence(outcome.silentUntil)
      const now = this.#core.clock.now()
      this.#to.trace.acknowledged = now
      if (answer !== null) this.#finished(answer, now)
      this.#done('delivered')
      return
    }
    emit({type: 'response_posted', responseType: type, outcome: outcome.kind, attempts})
    if (outcome.kind === 'aborted') {
      this.#done('aborted')
      return
    }
    const instead = outcome.kind === 'refused' && answer !== null ? this.#instead(outcome.status, answer) : null
    if (outcome.kind === 'refused' && instead !== null) {
      log.warn('the control plane refused the answer; posting an error instead', {
        request_id: requestId,
        channel: this.#to.channel,
        status_code: outcome.status,
        failure_class: instead.failure,
      })
      this.post(instead)
      return
    }
    const {deadline} = this.#to
    if (deadline !== null && this.#core.clock.now() >= deadline) {
      seen.answered(requestId)
      logDeadline(this.#core, this.#to)
      this.#done('expired')
      return
    }
    seen.undelivered(requestId, {body, type})
    totals.undelivered += 1
    this.#to.trace.failure = outcome.failure.failure
    log.warn('failed to process polled command', {
      request_id: requestId,
      channel: this.#to.channel,
      error: redactValues(outcome.failure.message, [this.#to.shardToken]),
      failure_class: outcome.failure.failure,
      attempts,
    })
    this.#done('undelivered')
  }

  /** What to say when the service will never take this answer: that it was too large, or that it was no JSON. */
  #instead(status: number, answer: Answer): Answer | null {
    if (answer.payload === null || this.#to.kind !== 'call') return null
    if (status === 413 && answer.failure !== 'too_large') return failureAnswer(this.#to, 'too_large')
    if (status === 400 && answer.failure !== 'mcp_not_json' && !isJson(answer.payload)) {
      return failureAnswer(this.#to, 'mcp_not_json')
    }
    return null
  }

  #finished(answer: Answer, now: Instant): void {
    const {clock, emit} = this.#core
    const {createdAt, receivedAt} = this.#to
    const sinceEnqueue = createdAt === null ? -1 : clock.wall() - createdAt
    emit({
      type: 'command_finished',
      requestKind: this.#to.kind,
      method: this.#to.method,
      channel: this.#to.channel,
      status: answer.status,
      failure: answer.failure,
      pollToResponseMs: now - receivedAt,
      enqueueToResponseMs: sinceEnqueue < 0 ? null : sinceEnqueue,
    })
  }
}

function isJson(payload: Buffer): boolean {
  try {
    JSON.parse(payload.toString('utf8'))
    return true
  } catch {
    return false
  }
}
