import {inspect} from 'node:util'
import {describe, expect, test} from 'vitest'
import type {CallTrace} from '../../../../src/tunnel/relay/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {fakeChannel, JSON_HEAD, refusedFailure} from '../../../support/fake-channel.ts'
import {callCommand, notificationCommand, type RelayRig} from '../../../support/relay-rig.ts'
import {holding, running} from '../world.ts'

const ended = (rig: RelayRig): CallTrace[] =>
  rig.events.flatMap((event) => (event.type === 'call_finished' ? [event.trace] : []))

async function traceOf(rig: RelayRig, requestId: string): Promise<CallTrace> {
  return eventually(`${requestId} is over`, () => ended(rig).find((trace) => trace.requestId === requestId))
}

const stations = (trace: CallTrace): (number | null)[] => [
  trace.polledAt,
  trace.dispatchedAt,
  trace.firstByteAt,
  trace.answeredAt,
  trace.postedAt,
  trace.acknowledgedAt,
  trace.endedAt,
]

describe('a call that is answered', () => {
  test('passes every station in order, by a clock that reads like the wall', async () => {
    const before = Date.now()
    const rig = await running()
    rig.plane.enqueue(callCommand('r1', {id: 'a', params: {name: 'search', arguments: {q: 1}}, session: 's1'}))
    const trace = await traceOf(rig, 'r1')
    expect(trace).toMatchObject({
      requestId: 'r1',
      rpcId: '"a"',
      channel: 'main',
      transport: 'http-streamable',
      kind: 'call',
      method: 'tools/call',
      tool: 'search',
      outcome: 'answered',
      status: 200,
      failure: null,
      attempts: 1,
      notifications: 0,
      responseBytes: '{"jsonrpc":"2.0","id":"a","result":{}}'.length,
    })
    const times = stations(trace)
    expect(times).not.toContain(null)
    expect(times).toEqual([...times].sort((a, b) => a! - b!))
    expect(trace.enqueuedAt).toBeGreaterThanOrEqual(before - 1)
    expect(trace.polledAt).toBeGreaterThanOrEqual(before - 1)
    expect(trace.endedAt).toBeLessThanOrEqual(Date.now() + 1)
  })

  test('is announced before it is over, as the same object', async () => {
    const {channel, answer} = holding()
    const rig = await running({channels: [channel]})
    rig.plane.enqueue(callCommand('r1'))
    await eventually('the call runs', () => channel.calls.length === 1)
    const started = rig.events.find((event) => event.type === 'call_started')
    expect(started?.trace).toMatchObject({requestId: 'r1', outcome: 'open', answeredAt: null})
    answer('r1')
    expect(await traceOf(rig, 'r1')).toBe(started?.trace)
  })

  test('tells its first sign of life and counts what came before the answer', async () => {
    const channel = fakeChannel({
      serve: ({message}, sink) => {
        sink.onHead?.()
        sink.onNotification(Buffer.from('{"jsonrpc":"2.0","method":"notifications/message","params":{}}'), JSON_HEAD)
        setTimeout(() => {
          sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`), JSON_HEAD)
        }, 30)
      },
    })
    const rig = await running({channels: [channel]})
    rig.plane.enqueue(callCommand('r1'))
    const {firstByteAt, answeredAt, notifications} = await traceOf(rig, 'r1')
    expect(notifications).toBe(1)
    expect(answeredAt! - firstByteAt!).toBeGreaterThan(20)
  })
})

describe('a call that is not', () => {
  test('an error names its class', async () => {
    const rig = await running({channels: [fakeChannel({serve: (_, sink) => sink.onFailure(refusedFailure)})]})
    rig.plane.enqueue(callCommand('r1'))
    expect(await traceOf(rig, 'r1')).toMatchObject({
      outcome: 'error',
      failure: 'refused',
      status: 502,
      firstByteAt: null,
    })
  })

  test('refused: no MCP server was asked', async () => {
    const rig = await running()
    rig.plane.enqueue(callCommand('r1', {channel: 'other'}))
    expect(await traceOf(rig, 'r1')).toMatchObject({
      outcome: 'refused',
      transport: null,
      failure: 'unsupported_channel',
      dispatchedAt: null,
    })
  })

  test('malformed: it has a trace as far as it can be read', async () => {
    const rig = await running()
    rig.plane.enqueue({...callCommand('r1'), jsonrpc: {jsonrpc: '1.0', id: 7, method: 'x'}})
    expect(await traceOf(rig, 'r1')).toMatchObject({outcome: 'refused', failure: 'bad_command', status: 400})
  })

  test('expired: its deadline passed while the server thought', async () => {
    const {channel} = holding()
    const rig = await running({channels: [channel]})
    rig.plane.enqueue(callCommand('r1', {timeout: '1s'}))
    const trace = await traceOf(rig, 'r1')
    expect(trace).toMatchObject({outcome: 'expired', failure: 'deadline', answeredAt: null, acknowledgedAt: null})
    expect(trace.endedAt! - trace.polledAt).toBeGreaterThan(990)
  })

  test('cancelled by its caller', async () => {
    const rig = await running({channels: [holding().channel], limits: {maxConcurrentRequests: 1}})
    rig.plane.enqueue(callCommand('r1', {id: 1}), callCommand('r2', {id: 2}))
    await eventually('the second waits', () => rig.relay.snapshot().queue.length === 1)
    rig.plane.enqueue(notificationCommand('r3', {method: 'notifications/cancelled', params: {requestId: 2}}))
    expect(await traceOf(rig, 'r2')).toMatchObject({outcome: 'cancelled', dispatchedAt: null})
    expect(await traceOf(rig, 'r3')).toMatchObject({kind: 'notification', outcome: 'answered', rpcId: null})
  })

  test('aborted: the daemon ended first', async () => {
    const {channel} = holding()
    const rig = await running({channels: [channel]})
    rig.plane.enqueue(callCommand('r1'))
    await eventually('the call runs', () => channel.calls.length === 1)
    await rig.relay.stop()
    expect(await traceOf(rig, 'r1')).toMatchObject({outcome: 'aborted', failure: 'draining'})
  })
})

test('every trace that begins ends, once', async () => {
  const rig = await running()
  rig.plane.enqueue(...Array.from({length: 20}, (_, i) => callCommand(`r${i}`, i % 3 === 0 ? {channel: 'no'} : {})))
  await eventually('all are over', () => ended(rig).length === 20)
  const begun = rig.events.flatMap((event) => (event.type === 'call_started' ? [event.trace] : []))
  expect(new Set(begun)).toEqual(new Set(ended(rig)))
})

describe('nothing that was said', () => {
  const CANARY = 'canary-7f3a'

  test('no payload, session id, header or shard token is kept', async () => {
    const rig = await running()
    rig.plane.enqueue({
      ...callCommand('r1', {
        params: {name: 'search', arguments: {q: CANARY}, _meta: {user: CANARY}},
        session: CANARY,
        headers: {Authorization: [`Bearer ${CANARY}`], 'X-User': [CANARY]},
      }),
      shard_token: CANARY,
    })
    const trace = await traceOf(rig, 'r1')
    expect(trace.session).toMatch(/^[0-9a-f]{12}$/)
    expect(inspect(trace, {depth: 10, showHidden: true})).not.toContain(CANARY)
  })

  test('the hash of a session is the same within a run and another in the next', async () => {
    const [one, two] = [await running(), await running()]
    one.plane.enqueue(
      callCommand('r1', {session: 's1'}),
      callCommand('r2', {session: 's1'}),
      callCommand('r3', {session: 's2'}),
    )
    two.plane.enqueue(callCommand('r4', {session: 's1'}))
    const [r1, r2, r3] = [await traceOf(one, 'r1'), await traceOf(one, 'r2'), await traceOf(one, 'r3')]
    expect(r1.session).toBe(r2.session)
    expect(r1.session).not.toBe(r3.session)
    expect(r1.session).not.toBe((await traceOf(two, 'r4')).session)
  })
})
