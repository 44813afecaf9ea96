// Delivers one answer: which outcomes are final, which are tried again, and when it is given up.

import type {Instant} from '../../foundation/platform/index.ts'
import {headerBytes, type ResponseType} from '../../foundation/wire/index.ts'
import {backoffDelay} from './retry.ts'
import type {RespondOptions, RespondOutcome, ServiceFailure} from './types.ts'

const MOST_ATTEMPTS = 3
const RETRIED_STATUS = new Set([408, 429, 500, 502, 503, 504])

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
  /** Attempts made, this one included. */
  readonly attempts: number
  readonly result: AttemptResult
  readonly now: Instant
  readonly deadline: Instant | null
  readonly random?: () => number
}

/**
 * The retry table. Any 2xx delivers, 404 means that nobody waits any more. Terminal answers are tried again on 408, 429, 500,
 * 502, 503, 504 and transport errors; notifications only on 429, or when nothing had been written.
 */
export function judgeAttempt({type, attempts, result, now, deadline, random}: AttemptFacts): Verdict {
  const status = 'status' in result ? result.status : null
  if (status !== null && status >= 200 && status <= 299) {
    return {outcome: {kind: 'delivered', status, unknown: false, attempts}}
  }
  if (status === 404) return {outcome: {kind: 'delivered', status, unknown: true, attempts}}
  const failure = result.failure!
  const terminal = type !== 'jsonrpc_notify'
  const retryable =
    status === null
      ? terminal || failure.transport?.unsent === true
      : terminal
        ? RETRIED_STATUS.has(status)
        : status === 429
  const delay = Math.max(backoffDelay(attempts, random), failure.retryAfter ?? 0)
  if (retryable && attempts < MOST_ATTEMPTS && (deadline === null || now + delay < deadline)) return {retryIn: delay}
  if (status === null || RETRIED_STATUS.has(status)) return {outcome: {kind: 'failed', attempts, failure}}
  return {outcome: {kind: 'refused', status, attempts, failure}}
}
