import {describe, expect, test} from 'vitest'
import {callDetail, callDocument} from '../../../../src/tunnel/ops/calls/call-document.ts'
import {openCall, tracedCall} from './calls.ts'

const context = {scrub: (text: string) => text, nowWall: 2000, instanceId: 'i1'}

const phases = (call: Parameters<typeof callDetail>[0]): unknown =>
  callDetail(call, context).phases.map(({phase, turn, ms, last}) => [phase, turn, ms, last])

describe('phases', () => {
  test('of an answered call: every stretch, and whose turn it was', () => {
    expect(phases(tracedCall('a'))).toEqual([
      ['service_queue', 'service', 1, false],
      ['lane', 'daemon', 1, false],
      ['mcp_wait', 'mcp', 8, false],
      ['mcp_answer', 'mcp', 10, false],
      ['delivery', 'daemon', 1, false],
      ['service_ack', 'service', 10, true],
    ])
  })

  test('an open call is in its last phase until now', () => {
    expect(phases(openCall('a'))).toEqual([
      ['service_queue', 'service', 1, false],
      ['lane', 'daemon', 1, false],
      ['mcp_wait', 'mcp', 998, true],
    ])
    expect(callDocument(openCall('a'), context)).toMatchObject({waiting_on: 'mcp', duration_ms: 999})
  })

  test('an expired call ended where it stood', () => {
    expect(phases(openCall('a', {outcome: 'expired', endedAt: 1502}))).toEqual([
      ['service_queue', 'service', 1, false],
      ['lane', 'daemon', 1, false],
      ['mcp_wait', 'mcp', 500, true],
    ])
  })

  test('one that never reached an MCP server skips it', () => {
    const refused = tracedCall('a', {outcome: 'refused', failure: 'queue_full', dispatchedAt: null, firstByteAt: null})
    expect(phases(refused)).toEqual([
      ['service_queue', 'service', 1, false],
      ['lane', 'daemon', 19, false],
      ['delivery', 'daemon', 1, false],
      ['service_ack', 'service', 10, true],
    ])
  })

  test('a clock of the service that is ahead of ours gives no duration instead of a negative one', () => {
    expect(callDetail(tracedCall('a', {enqueuedAt: 5000}), context).phases[0]).toMatchObject({ms: null})
  })

  test('a clock of the service that is rounded to the millisecond is not ahead', () => {
    expect(callDetail(tracedCall('a', {enqueuedAt: 1001.4}), context).phases[0]).toMatchObject({ms: 0})
  })
})

test('a failure says what it means, who must act, where it is explained and what to do', () => {
  const call = tracedCall('a', {outcome: 'error', failure: 'child_exited', status: 502})
  expect(callDetail(call, context)).toMatchObject({
    failure_class: 'child_exited',
    rung: 'mcp',
    who: ['mcp_vendor'],
    code: 'TC-MCP-CHILD-EXITED',
    docs: 'docs/failures.md#tc-mcp-child-exited',
    title: 'the MCP server process ended',
    next: expect.stringContaining('stderr'),
  })
})

test("a call that was taken back is nobody's turn", () => {
  const call = tracedCall('a', {outcome: 'cancelled', failure: 'canceled'})
  expect(callDetail(call, context)).toMatchObject({who: [], next: expect.stringMatching(/^nothing/)})
})

test("the same break is somebody else's turn at the other end", () => {
  const of = (outcome: 'error' | 'undelivered') => callDetail(tracedCall('a', {outcome, failure: 'closed'}), context)
  expect(of('error')).toMatchObject({who: ['mcp_vendor', 'it'], next: expect.stringContaining('log of the MCP server')})
  expect(of('undelivered')).toMatchObject({who: ['service', 'it'], next: expect.not.stringContaining('MCP')})
})

test('names that remote parties chose pass the scrubber', () => {
  const scrub = (text: string): string => text.replaceAll('sk-secret', '[secret]')
  const call = tracedCall('id-sk-secret', {method: 'x/sk-secret', tool: 'sk-secret', rpcId: '"sk-secret"'})
  expect(JSON.stringify(callDocument(call, {...context, scrub}))).not.toContain('sk-secret')
})

test('times have three decimals at most', () => {
  const {times} = callDocument(tracedCall('a', {dispatchedAt: 1002.123_456_789}), context)
  expect(times.dispatched).toBe(1002.123)
})
