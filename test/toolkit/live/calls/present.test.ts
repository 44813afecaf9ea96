import {describe, expect, test} from 'vitest'
import {callBlocks, callLines, callsBlocks} from '../../../../src/toolkit/live/index.ts'
import {callDetail, callDocument} from '../../../../src/tunnel/ops/calls/call-document.ts'
import {openCall, tracedCall} from '../../../tunnel/ops/calls/calls.ts'

const context = {scrub: (text: string) => text, nowWall: 2000, instanceId: 'i1'}
const shown = (...calls: Parameters<typeof callDocument>[0][]) => calls.map((call) => callDocument(call, context))

const tableOf = (blocks: readonly {kind: string}[]): {columns: string[]; rows: string[][]} =>
  blocks.find(({kind}) => kind === 'table') as never

describe('the table', () => {
  test('has everything in a pipe', () => {
    const {columns, rows} = tableOf(callsBlocks(shown(tracedCall('req-1')), undefined))
    expect(columns).toEqual(['TIME', 'TOOK', 'OUTCOME', 'CHANNEL', 'WHAT', 'IN', 'OUT', 'ID'])
    expect(rows[0]?.slice(1)).toEqual(['30 ms', 'answered 200', 'main', 'tools/call search', '100 B', '200 B', 'req-1'])
  })

  test.each([
    [100, ['TIME', 'TOOK', 'OUTCOME', 'CHANNEL', 'WHAT', 'IN', 'OUT', 'ID']],
    [80, ['TIME', 'TOOK', 'OUTCOME', 'CHANNEL', 'WHAT', 'ID']],
    [30, ['TOOK', 'OUTCOME', 'WHAT', 'ID ENDS']],
  ])('in %i characters it leaves out what is needed least', (columns, titles) => {
    expect(tableOf(callsBlocks(shown(tracedCall('req_0123456789')), columns)).columns).toEqual(titles)
  })

  test('with long ids shows their ends before it gives up the time; an end finds the call', () => {
    const call = tracedCall('req_c4e388d3558200000a', {outcome: 'error', status: 502, failure: 'child_exited'})
    const {columns, rows} = tableOf(callsBlocks(shown(call), 80))
    expect(columns).toEqual(['TIME', 'TOOK', 'OUTCOME', 'WHAT', 'ID ENDS'])
    expect(rows[0]?.at(-1)).toBe('8200000a')
  })

  test('says once that a call was taken back', () => {
    const call = tracedCall('a', {outcome: 'cancelled', status: 200, failure: 'canceled'})
    expect(tableOf(callsBlocks(shown(call), undefined)).rows[0]?.[2]).toBe('cancelled')
  })

  test('that grows has its titles once', () => {
    const lines = callLines(undefined)
    expect(lines(shown(tracedCall('a')))).toHaveLength(2)
    expect(lines(shown(tracedCall('b'), tracedCall('c')))).toHaveLength(2)
  })

  test('that grows keeps a failed call on one line of a narrow terminal', () => {
    const failed = tracedCall('req_c4e388d3558200000a', {outcome: 'error', status: 502, failure: 'child_exited'})
    for (const block of callLines(80)(shown(failed))) {
      expect((block as {text: string}).text.length).toBeLessThanOrEqual(80)
    }
  })

  test('nothing to show is said, and that nothing has come at all', () => {
    expect(JSON.stringify(callsBlocks([], 80, {narrowed: false}))).toContain('No call has come')
    expect(callsBlocks([], 80)).toEqual([expect.objectContaining({kind: 'note'})])
  })
})

describe('one call', () => {
  const text = (call: Parameters<typeof callDetail>[0]): string => JSON.stringify(callBlocks(callDetail(call, context)))

  test('an open one says whose turn it is', () => {
    expect(text(openCall('a'))).toContain('It is the turn of: MCP server')
  })

  test('one that is over says who had it longest', () => {
    expect(text(tracedCall('a'))).toContain('Most of the time: MCP server, 18 ms of 31 ms')
  })

  test('a failure says class, rung, who, what next, code and where to read', () => {
    const said = text(tracedCall('a', {outcome: 'error', status: 502, failure: 'refused'}))
    for (const part of [
      'refused: nobody listens there',
      'connect',
      'you, who run tunnel-client; or whoever runs the network',
      'start the MCP server',
      'TC-CONNECT-REFUSED',
      'tunnel-client help TC-CONNECT-REFUSED',
    ]) {
      expect(said).toContain(part)
    }
  })

  test('a call that its caller took back asks nobody for anything', () => {
    const said = text(tracedCall('a', {outcome: 'cancelled', status: 200, failure: 'canceled'}))
    expect(said).toContain('nobody has to')
    expect(said).not.toContain('you, who run')
  })

  test('a service whose clock is ahead gives no nonsense', () => {
    expect(text(tracedCall('a', {enqueuedAt: 9999}))).toContain('its clock is ahead of ours')
  })

  test('what answers there cannot move the cursor', () => {
    expect(text(tracedCall('\u001b[2Ja', {method: '\u001b]0;x\u0007', tool: '\u009b1m'}))).not.toMatch(
      /\\u001b|\\u0007|\u009b/,
    )
  })
})
