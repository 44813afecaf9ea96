import {describe, expect, test} from 'vitest'
import type {HttpFailure} from '../../../src/foundation/platform/index.ts'
import {noAnswer} from '../../../src/tunnel/control-plane/poll.ts'
import {type AttemptFacts, judgeAttempt} from '../../../src/tunnel/control-plane/respond.ts'

const failure = (status: number | null, more: {unsent?: boolean; retryAfter?: number} = {}) => {
  const transport: HttpFailure = {failure: 'reset', message: 'reset', unsent: more.unsent ?? false, trace: []}
  return {
    ...noAnswer('service_down', 'x', status === null ? transport : null),
    status,
    retryAfter: more.retryAfter ?? null,
  }
}

const judge = (facts: Partial<AttemptFacts>) =>
  judgeAttempt({
    type: 'jsonrpc_response',
    attempts: 1,
    result: {status: 200, failure: null},
    now: 0,
    deadline: null,
    random: () => 0.5,
    ...facts,
  })

const byStatus = (type: AttemptFacts['type'], status: number) => {
  const verdict = judge({type, result: {status, failure: failure(status)}})
  return 'outcome' in verdict ? verdict.outcome.kind : 'retried'
}

describe('the retry table', () => {
  test.each([200, 201, 202, 204])('%d delivers', (status) => {
    expect(byStatus('jsonrpc_response', status)).toBe('delivered')
    expect(byStatus('jsonrpc_notify', status)).toBe('delivered')
  })

  test('404 counts as delivered: nobody waits any more', () => {
    expect(judge({result: {status: 404, failure: failure(404)}})).toEqual({
      outcome: {kind: 'delivered', status: 404, unknown: true, attempts: 1},
    })
  })

  test.each([408, 429, 500, 502, 503, 504])('%d is tried again for terminal answers', (status) => {
    for (const type of [
      'jsonrpc_response',
      'notify_ack',
      'session_termination_response',
      'oauth_discovery_response',
    ] as const) {
      expect(byStatus(type, status)).toBe('retried')
    }
    expect(byStatus('jsonrpc_notify', status)).toBe(status === 429 ? 'retried' : 'failed')
  })

  test.each([301, 302, 307, 400, 401, 403, 409, 413])('%d is final', (status) => {
    expect(byStatus('jsonrpc_response', status)).toBe('refused')
    expect(byStatus('jsonrpc_notify', status)).toBe('refused')
  })

  test('a broken connection: terminal answers again, notifications only when nothing was written', () => {
    expect(judge({result: {failure: failure(null)}})).toHaveProperty('retryIn')
    expect(judge({type: 'jsonrpc_notify', result: {failure: failure(null)}})).toHaveProperty('outcome.kind', 'failed')
    expect(judge({type: 'jsonrpc_notify', result: {failure: failure(null, {unsent: true})}})).toHaveProperty('retryIn')
  })

  test('three attempts, waits that grow and obey Retry-After', () => {
    const result = {status: 503, failure: failure(503)}
    expect(judge({result})).toEqual({retryIn: 100})
    expect(judge({result, attempts: 2})).toEqual({retryIn: 200})
    expect(judge({result, attempts: 3})).toHaveProperty('outcome.kind', 'failed')
    expect(judge({result: {status: 503, failure: failure(503, {retryAfter: 7000})}})).toEqual({retryIn: 7000})
  })

  test('nothing is tried again after the deadline', () => {
    const result = {status: 503, failure: failure(503)}
    expect(judge({result, deadline: 101})).toEqual({retryIn: 100})
    expect(judge({result, deadline: 99})).toHaveProperty('outcome.kind', 'failed')
  })
})
