// Delivers one answer: which outcomes are final, which are tried again, and when it is given up.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {Instant} from '../../foundation/platform/index.ts'
import {headerBytes, type ResponseType} from '../../foundation/wire/index.ts'
import {isWebPage, refusedStatus} from './errors/api-error.ts'
import type {ExchangeResult} from './exchange.ts'
import {noAnswer} from './poll.ts'
import {backoffDelay} from './retry.ts'
import type {RespondOptions, RespondOutcome, ServiceFailure} from './types.ts'

const MOST_ATTEMPTS = 3
const RETRIED_STATUS = new Set([408, 429, 500, 502, 503, 504])
/** Statuses with which something on the way says that the service is not there. */
const AWAY_STATUS = new Set([502, 503, 504])
/**
 * While nobody is there an answer is tried for this long. Three attempts are over within a second, a service that is
 * replaced or a network that changes takes longer, and the work behind the answer is done.
 */
const PATIENCE_MS = 30_000
/** Whoever got a whole answer says so soon. Beyond this the connection is more likely to be dead than the service busy. */
const ACKNOWLEDGED_WITHIN_MS = 10_000
/** Of the time that a call has left half is kept for another attempt, unless the first would be too short then. */
const LEAST_WAIT_MS = 2_000
/** Bytes per millisecond that even a bad line takes. */
const SLOWEST_UPLOAD = 32

/** Headers that are specific to the delivery of one answer. */
export function respondHeaders(options: RespondOptions): string[] {
  const headers = ['Content-Type', 'application/json', 'X-Tunnel-Shard-Token', headerBytes(options.shardToken) ?? '']
  const clientRequestId = options.clientRequestId === null ? null : headerBytes(options.clientRequestId)
  if (clientRequestId !== null) headers.push('X-Client-Request-Id', clientRequestId)
  return headers
}

/** One attempt: a final status, or what broke. */
export type AttemptResult =
  | {readonly status: number; readonly failure: ServiceFailure | null}
  | {readonly failure: ServiceFailure}

/** What to do after an attempt: the final outcome, or the milliseconds to wait before the next one. */
export type Verdict = {readonly outcome: RespondOutcome} | {readonly retryIn: number}

/** The facts of {@link judgeAttempt}. */
export interface AttemptFacts {
  readonly type: ResponseType
  /** When the first attempt began. */
  readonly startedAt: Instant
  /** Attempts made, this one included. */
  readonly attempts: number
  readonly result: AttemptResult
  readonly now: Instant
  readonly deadline: Instant | null
  readonly random?: () => number
}

/**
 * The retry table. Any 2xx delivers, 404 means that nobody waits any more. Terminal answers are tried again on 408, 429, 500,
 * 502, 503, 504 and transport errors; notifications only on 429, or when nothing had been written. Three attempts, and more
 * of them within half a minute while nobody is there at all.
 */
export function judgeAttempt({type, startedAt, attempts, result, now, deadline, random}: AttemptFacts): Verdict {
  const status = 'status' in result ? result.status : null
  const {failure} = result
  if (failure === null) return {outcome: {kind: 'delivered', status: status!, unknown: false, attempts}}
  const foreign = FOREIGN.has(failure.failure)
  if (status === 404 && !foreign) return {outcome: {kind: 'delivered', status, unknown: true, attempts}}
  const terminal = type !== 'jsonrpc_notify'
  const away = status === null || foreign || AWAY_STATUS.has(status)
  const retryable = terminal
    ? away || RETRIED_STATUS.has(status)
    : status === 429 || (status === null && failure.transport?.unsent === true)
  const delay = Math.max(backoffDelay(attempts, random), failure.retryAfter ?? 0)
  const patient = attempts < MOST_ATTEMPTS || (terminal && away && now + delay < startedAt + PATIENCE_MS)
  if (retryable && patient && (deadline === null || now + delay < deadline)) return {retryIn: delay}
  if (away || RETRIED_STATUS.has(status)) return {outcome: {kind: 'failed', attempts, failure}}
  return {outcome: {kind: 'refused', status, attempts, failure}}
}

/** A web page answered: whoever that was, it was not the service. */
const FOREIGN: ReadonlySet<FailureClass> = new Set(['captive_portal', 'wrong_base_url'])

/**
 * When the acknowledgement of one attempt has to be here. A notification gets all the time there is, because the service
 * lets it wait for a slow caller, and it cannot be posted twice.
 */
export function acknowledgedBy(facts: {
  readonly type: ResponseType
  readonly body: readonly Buffer[]
  readonly now: Instant
  readonly deadline: Instant | null
  /** Longest time of any request, in milliseconds. */
  readonly requestTimeout: number
}): Instant {
  const {type, body, now, deadline, requestTimeout} = facts
  const left = deadline === null ? requestTimeout : Math.min(requestTimeout, deadline - now)
  if (type === 'jsonrpc_notify') return now + left
  let bytes = 0
  for (const piece of body) bytes += piece.length
  const upload = bytes / SLOWEST_UPLOAD
  const wait = deadline === null ? ACKNOWLEDGED_WITHIN_MS : Math.min(ACKNOWLEDGED_WITHIN_MS, left / 2)
  return now + Math.min(left, upload + Math.max(LEAST_WAIT_MS, wait))
}

/** What an exchange tells of an attempt. `wallNow` is milliseconds since the epoch. */
export function readAttempt(result: ExchangeResult, wallNow: number): AttemptResult {
  if (!('reply' in result)) {
    const {failure, timedOut} = result
    return {failure: noAnswer(failure.failure, `response: ${failure.message}`, failure, timedOut)}
  }
  const {status, headers, body} = result.reply
  if (status < 200 || status > 299) {
    return {status, failure: refusedStatus({what: 'response', status, headers, body, wallNow})}
  }
  if (!isWebPage(headers)) return {status, failure: null}
  return {
    status,
    failure: {...noAnswer('captive_portal', 'response: a web page answered instead of the service', null), status},
  }
}
