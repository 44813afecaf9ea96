import {describe, expect, test} from 'vitest'
import type {HttpFailure} from '../../../src/foundation/platform/index.ts'
import {noAnswer} from '../../../src/tunnel/control-plane/poll.ts'
import {
  type AttemptFacts,
  acknowledgedBy,
  judgeAttempt,
  readAttempt,
} from '../../../src/tunnel/control-plane/respond.ts'

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
    startedAt: 0,
    attempts: 1,
    result: {status: 200, failure: null},
    now: 0,
    deadline: null,
    random: () => 0.5,
    ...facts,
  })

const byStatus = (type: AttemptFacts['type'], status: number) => {
  const verdict = judge({type, result: {status, failure: status < 300 ? null : failure(status)}})
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
    const broken = {status: 500, failure: failure(500)}
    expect(judge({result: broken, attempts: 2})).toEqual({retryIn: 200})
    expect(judge({result: broken, attempts: 3})).toHaveProperty('outcome.kind', 'failed')
    expect(judge({result: {status: 503, failure: failure(503, {retryAfter: 7000})}})).toEqual({retryIn: 7000})
  })

  test('while nobody is there terminal answers are tried for half a minute', () => {
    for (const away of [null, 502, 503, 504]) {
      const result = away === null ? {failure: failure(null)} : {status: away, failure: failure(away)}
      expect(judge({result, attempts: 7, now: 20_000})).toEqual({retryIn: 5_000})
      expect(judge({result, attempts: 7, now: 25_000})).toHaveProperty('outcome.kind', 'failed')
      expect(judge({result, attempts: 7, now: 20_000, deadline: 24_000})).toHaveProperty('outcome.kind', 'failed')
    }
    const unsent = {failure: failure(null, {unsent: true})}
    expect(judge({type: 'jsonrpc_notify', result: unsent, attempts: 3})).toHaveProperty('outcome.kind', 'failed')
  })

  test('a web page is no acknowledgement, whatever its status', () => {
    const page = (status: number): AttemptFacts['result'] =>
      readAttempt(
        {
          reply: {
            status,
            headers: ['Content-Type', 'text/html; charset=utf-8'],
            body: Buffer.from('<html>sign in</html>'),
            receivedAt: 0,
            cut: null,
          },
        },
        0,
      )
    for (const status of [200, 404]) {
      expect(judge({result: page(status)})).toEqual({retryIn: 100})
      expect(judge({type: 'jsonrpc_notify', result: page(status)})).toHaveProperty('outcome.kind', 'failed')
    }
    expect(judge({result: page(200), attempts: 7, now: 30_000})).toMatchObject({
      outcome: {kind: 'failed', failure: {failure: 'captive_portal'}},
    })
  })

  test('an acknowledgement is due while there is time for another attempt, later for what takes long to write', () => {
    const due = (bytes: number, type: AttemptFacts['type'] = 'jsonrpc_response', deadline: number | null = null) =>
      acknowledgedBy({type, body: [Buffer.alloc(bytes)], now: 1_000, deadline, requestTimeout: 35_000})
    expect(due(32)).toBe(11_001)
    expect(due(320_000)).toBe(21_000)
    expect(due(64_000_000)).toBe(36_000)
    expect(due(32, 'jsonrpc_notify')).toBe(36_000)
    expect(due(0, 'jsonrpc_response', 13_000)).toBe(7_000)
    expect(due(0, 'jsonrpc_response', 4_000)).toBe(3_000)
    expect(due(0, 'jsonrpc_response', 2_000)).toBe(2_000)
    expect(due(0, 'jsonrpc_notify', 5_000)).toBe(5_000)
  })

  test('nothing is tried again after the deadline', () => {
    const result = {status: 503, failure: failure(503)}
    expect(judge({result, deadline: 101})).toEqual({retryIn: 100})
    expect(judge({result, deadline: 99})).toHaveProperty('outcome.kind', 'failed')
  })
})
