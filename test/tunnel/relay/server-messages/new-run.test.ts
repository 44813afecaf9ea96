// A tunnel service that was started anew has lost its callers: what a daemon still does for them has to end.

import {expect, test} from 'vitest'
import {readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import {callCommand} from '../../../support/relay-rig.ts'
import {holding, running} from '../world.ts'

/** Without a time-out: the service ends it itself. */
const ask = (requestId: string): object => ({...callCommand(requestId), server_requests: true})

const nothing = {command_type: 'cancel', cancels: 'nothing', request_id: 'c', shard_token: 's', channel: 'main'}

const isRun = (name: string) => (_request: unknown, response: {setHeader(key: string, value: string): void}) => {
  response.setHeader('X-Tunnel-Service-Features', 'cancel, urgent, session_stream')
  response.setHeader('X-Tunnel-Service-Run', name)
  return false
}

test('it has no callers for calls without a time-out: they give their slots back; the others have their time', async () => {
  const {channel, sinks} = holding()
  const refused: number[] = []
  const {plane, relay} = await running({channels: [channel], limits: {maxConcurrentRequests: 3, maxInflight: 20}})
  plane.onPoll = isRun('one')
  plane.enqueue(nothing)
  plane.enqueue(ask('asked'), ask('hanging'), callCommand('bounded', {timeout: '60s'}), ask('more'), ask('waiting'))
  await plane.until('a full house', () => channel.calls.length === 3)
  sinks.get('asked')!.onServerRequest!(
    {
      message: readRpcMessage(Buffer.from('{"jsonrpc":"2.0","id":0,"method":"roots/list"}')),
      answer: () => ({cancel: () => {}, pause: () => {}, resume: () => {}}),
      refuse: (code) => refused.push(code),
    },
    {status: 200, headers: []},
  )
  await plane.until('the next one', () => channel.calls.length === 4)
  plane.enqueue(nothing)
  expect(channel.canceled).toEqual([])
  plane.onPoll = isRun('two')
  plane.enqueue(nothing)
  await plane.until('a new poll', () => plane.heldPolls > 0)
  plane.enqueue(nothing)
  await plane.until('room', () => relay.snapshot().workers.occupancy === 1)
  expect(channel.canceled.map(({requestId, reason}) => [requestId, reason]).sort()).toEqual(
    ['asked', 'hanging', 'more'].map((id) => [id, 'gone']),
  )
  expect(refused).toEqual([-32603])
  expect(relay.snapshot().queue.length).toBe(0)
  expect(channel.calls.map(({requestId}) => requestId)).not.toContain('waiting')
})

test('it is known as such soon, though every place is taken and nothing urgent comes', async () => {
  const {channel} = holding()
  const {plane, relay} = await running({channels: [channel], limits: {maxConcurrentRequests: 1, maxInflight: 1}})
  plane.onPoll = isRun('one')
  plane.enqueue(nothing)
  plane.enqueue(ask('r1'), ask('r2'))
  const urgent = (): string[] => plane.polls.map(({path}) => path).filter((path) => path.endsWith('only=urgent'))
  await plane.until('an urgent poll', () => urgent().length === 1 && plane.heldPolls === 1)
  plane.onPoll = isRun('two')
  plane.cut()
  await plane.until('the next one', () => urgent().length === 2)
  expect(urgent()[1]).toContain('timeout_ms=1000&')
  await plane.until('room', () => relay.snapshot().workers.occupancy === 0)
  expect(relay.snapshot().queue.length).toBe(0)
})
