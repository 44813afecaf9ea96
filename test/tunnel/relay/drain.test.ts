import type {Socket} from 'node:net'
import {describe, expect, test} from 'vitest'
import type {ChannelSink} from '../../../src/tunnel/channels/index.ts'
import {answerAll, fakeChannel, JSON_HEAD} from '../../support/fake-channel.ts'
import {callCommand, type RelayRig, relayRig} from '../../support/relay-rig.ts'

async function running(options: Parameters<typeof relayRig>[0] = {}): Promise<RelayRig> {
  const rig = await relayRig(options)
  rig.relay.start()
  await rig.plane.until('a held poll', () => rig.plane.heldPolls === 1)
  return rig
}

function slow() {
  const sinks: {answer: () => void}[] = []
  const channel = fakeChannel({
    serve: (call, sink: ChannelSink) => {
      sinks.push({
        answer: () => sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${call.message.id},"result":{}}`), JSON_HEAD),
      })
    },
  })
  return {channel, sinks}
}

/** Holds polls, and answers them when the other direction of their connection ends: before anything else is done about it. */
function answerAtHangUp(plane: RelayRig['plane'], command: string | object): {count: number} {
  const held = {count: 0}
  plane.onPoll = ({socket}, response) => {
    held.count += 1
    socket.prependOnceListener('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(`{"commands":[${typeof command === 'string' ? command : JSON.stringify(command)}]}`)
    })
    return true
  }
  return held
}

describe('a drain', () => {
  test('of an idle relay ends the standing poll and is done', async () => {
    const {relay, plane} = await running()
    expect(await relay.drain(5000)).toMatchObject({finished: 0, refused: 0, timedOut: false})
    await plane.until('no poll', () => plane.heldPolls === 0)
    expect(relay.snapshot().phase).toBe('stopped')
  })

  test('finishes what was taken, keeps the poll until then, and still runs what that poll brings', async () => {
    const {channel, sinks} = slow()
    const {relay, plane} = await running({channels: [channel], limits: {maxInflight: 64, maxConcurrentRequests: 64}})
    plane.enqueue(...Array.from({length: 20}, (_, n) => callCommand(`r${n}`)))
    await plane.until('the calls', () => sinks.length === 20)
    await plane.until('the next poll', () => plane.heldPolls === 1)
    const report = relay.drain(10_000)
    expect(relay.snapshot().phase).toBe('draining')
    plane.enqueue(callCommand('late'))
    await plane.until('the late call', () => sinks.length === 21)
    const polls = plane.polls.length
    for (const {answer} of sinks) answer()
    expect(await report).toMatchObject({finished: 21, refused: 0, undelivered: 0, timedOut: false})
    expect(plane.responses).toHaveLength(21)
    expect(plane.polls).toHaveLength(polls)
  })

  test('out of time, the rest is answered with a typed 503', async () => {
    const {channel, sinks} = slow()
    const {relay, plane} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(callCommand('running', {session: 'a'}), callCommand('waiting', {session: 'b'}))
    await plane.until('the call', () => sinks.length === 1)
    expect(await relay.drain(100)).toMatchObject({finished: 0, refused: 2, undelivered: 0, timedOut: true})
    for (const name of ['running', 'waiting']) {
      expect((await plane.terminal(name)).json).toMatchObject({
        resp_code: 503,
        resp_json: {error: {message: 'Service Unavailable', data: {failure_class: 'draining'}}},
      })
    }
    expect(channel.canceled).toEqual([{requestId: 'running', reason: 'shutdown'}])
    expect(channel.calls).toHaveLength(1)
  })

  test('does not wait for a call past its deadline, nor for a subscription', async () => {
    const {channel} = slow()
    const {relay, plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('listen', {method: 'subscriptions/listen'}), callCommand('r1', {timeout: '2s'}))
    await plane.until('both', () => channel.calls.length === 2)
    expect(await relay.drain(10_000)).toMatchObject({timedOut: false})
    expect((await plane.terminal('listen')).json.resp_code).toBe(503)
    expect(plane.responses.map(({json}) => json.request_id)).toEqual(['listen'])
  })

  test('reads an answer that is arriving to its end and runs what it holds', async () => {
    const {relay, plane, channel} = await running({
      channels: [fakeChannel({serve: answerAll})],
      limits: {pollTimeout: 300},
    })
    let finish: () => void = () => {}
    plane.onPoll = (_, response) => {
      const body = JSON.stringify({commands: [callCommand('r1')]})
      response.write(body.slice(0, 20))
      finish = () => response.end(body.slice(20))
      return true
    }
    await plane.until('an answer under way', () => relay.snapshot().polls.reading === 1)
    const report = relay.drain(10_000)
    finish()
    expect(await report).toMatchObject({finished: 1, refused: 0})
    expect(channel.calls).toHaveLength(1)
    expect(plane.responses).toHaveLength(1)
  })

  test('loses no command that the service wrote in the moment in which it heard of the end', async () => {
    const {relay, plane, channel} = await running({
      channels: [fakeChannel({serve: answerAll})],
      limits: {pollTimeout: 300},
    })
    const held = answerAtHangUp(plane, callCommand('r1'))
    await plane.until('that poll', () => held.count === 1)
    expect(await relay.drain(10_000)).toMatchObject({finished: 1, refused: 0, undelivered: 0, timedOut: false})
    expect(channel.calls).toHaveLength(1)
    expect(plane.responses.map(({json}) => [json.request_id, json.resp_code])).toEqual([['r1', 200]])
  })

  test('answers such a command with a typed 503 when there is no time to run it', async () => {
    const {channel, sinks} = slow()
    const {relay, plane} = await running({channels: [channel], limits: {pollTimeout: 300}})
    plane.enqueue(callCommand('r1'))
    await plane.until('the call', () => sinks.length === 1)
    const held = answerAtHangUp(plane, callCommand('r2'))
    await plane.until('that poll', () => held.count === 1)
    expect(await relay.drain(100)).toMatchObject({finished: 0, refused: 2, undelivered: 0, timedOut: true})
    expect(channel.calls).toHaveLength(1)
    expect((await plane.terminal('r2')).json).toMatchObject({
      resp_code: 503,
      resp_json: {error: {data: {failure_class: 'draining'}}},
    })
  })

  test('does not wait long for a service that does not care whether somebody hangs up', async () => {
    const {relay, plane} = await running({limits: {pollTimeout: 300}})
    const ignored: Socket[] = []
    plane.onPoll = ({socket}) => {
      // Node would end its direction, too.
      socket.removeAllListeners('end')
      ignored.push(socket)
      return true
    }
    await plane.until('a poll that is not answered', () => ignored.length > 0)
    expect(await relay.drain(60_000)).toMatchObject({finished: 0, timedOut: false})
    expect(relay.snapshot().polls.open).toBe(0)
    for (const socket of ignored) socket.destroy()
  })

  test('counts what could not be delivered', async () => {
    const {channel, sinks} = slow()
    const {relay, plane} = await running({channels: [channel]})
    plane.onResponse = (_, response) => {
      response.statusCode = 403
      response.end('{}')
      return true
    }
    plane.enqueue(callCommand('r1'))
    await plane.until('the call', () => sinks.length === 1)
    const report = relay.drain(10_000)
    sinks[0]!.answer()
    expect(await report).toMatchObject({finished: 0, undelivered: 1})
  })

  test('a second signal ends it now', async () => {
    const {channel, sinks} = slow()
    const {relay, plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1'))
    await plane.until('the call', () => sinks.length === 1)
    const report = relay.drain(60_000)
    await relay.stop()
    expect(await report).toMatchObject({finished: 0, undelivered: 1})
    expect(channel.canceled).toEqual([{requestId: 'r1', reason: 'shutdown'}])
    expect(plane.responses).toEqual([])
  })

  test('before the start there is nothing to do', async () => {
    const rig = await relayRig()
    expect(await rig.relay.drain(1000)).toMatchObject({finished: 0})
  })
})
