import {describe, expect, test} from 'vitest'
import type {ChannelSink} from '../../../src/tunnel/channels/index.ts'
import {fakeChannel, JSON_HEAD} from '../../support/fake-channel.ts'
import {callCommand, notificationCommand} from '../../support/relay-rig.ts'
import {holding, running} from './world.ts'

describe('time', () => {
  test('a deadline that has passed: nothing is contacted, nothing is posted', async () => {
    const {plane, channel, logged, relay} = await running()
    plane.enqueue(callCommand('r1', {timeout: '0s'}), callCommand('r2'))
    await plane.terminal('r2')
    expect(channel.calls.map(({requestId}) => requestId)).toEqual(['r2'])
    expect(logged('dropping command whose response deadline has passed')).toHaveLength(1)
    await plane.until('rest', () => relay.snapshot().posting === 0)
    expect(plane.responses.map(({json}) => json.request_id)).toEqual(['r2'])
  })

  test('a deadline during the call: the server is told, nothing is posted, the exact line is logged', async () => {
    const {channel} = holding()
    const {plane, logged} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(callCommand('r1', {timeout: '2s'}), callCommand('queued', {timeout: '1s'}))
    const text = 'command response deadline reached; dropping without posting a response'
    await plane.until('both deadlines', () => logged(text).length === 2)
    expect(
      logged(text)
        .map(({level, attrs}) => `${level} ${attrs.request_id}`)
        .toSorted(),
    ).toEqual(['info queued', 'info r1'])
    expect(channel.canceled).toEqual([{requestId: 'r1', reason: 'deadline'}])
    expect(plane.responses).toEqual([])
  })

  /** What is posted for a call that reports progress `count` times at once, when each post takes `ms`. */
  async function progressPosted(count: number, ms: number, timeout?: string): Promise<unknown[]> {
    const head = {status: 200, headers: ['content-type', 'text/event-stream']}
    const channel = fakeChannel({
      serve: ({message}, sink) => {
        for (let n = 0; n < count; n++) {
          const params = `{"progressToken":"p","progress":${n}}`
          sink.onNotification(
            Buffer.from(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`),
            head,
          )
        }
        sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`), head)
      },
    })
    const {plane} = await running({channels: [channel]})
    plane.onResponse = (_, response) => {
      setTimeout(() => response.end('{}'), ms)
      return true
    }
    plane.enqueue(callCommand('r1', timeout === undefined ? {} : {timeout}))
    await plane.terminal('r1')
    return plane.responses.map(({json}) => json.resp_json.params?.progress ?? 'answer')
  }

  test('an answer that came in time does not miss its deadline behind progress that has been overtaken', async () => {
    expect((await progressPosted(400, 20, '6s')).slice(-2)).toEqual([399, 'answer'])
  })

  test.each([undefined, '120s'])(
    'a slow control plane gets all progress, in order, then the answer (deadline: %s)',
    async (timeout) => {
      const sent = await progressPosted(500, 35, timeout)
      expect(sent).toEqual([...Array.from({length: 500}, (_, n) => n), 'answer'])
    },
  )

  test('a call that outlives the TTL gets a typed 504', async () => {
    const {channel} = holding()
    const {plane} = await running({channels: [channel], limits: {connectionMaxTtl: 100}})
    plane.enqueue(callCommand('r1'))
    expect((await plane.terminal('r1')).json).toMatchObject({
      resp_code: 504,
      resp_json: {
        error: {
          message: 'Gateway Timeout',
          data: {tunnel_failure: {source: 'timeout', transport_error_kind: 'timeout'}},
        },
      },
    })
    expect(channel.canceled).toEqual([{requestId: 'r1', reason: 'ttl'}])
  })

  test('the slot of a call that ran out of time is free again', async () => {
    const {channel, answer} = holding()
    const {plane} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(callCommand('r1', {timeout: '1s'}), callCommand('r2'))
    await plane.until('the second', () => channel.calls.length === 2)
    answer('r2')
    await plane.terminal('r2')
  })
})

describe('lanes and order', () => {
  test('a dead channel does not hold up another; its overflow is answered at once', async () => {
    const dead = holding('dead')
    const main = fakeChannel()
    const {plane} = await running({
      channels: [main, dead.channel],
      limits: {maxInflight: 2, maxConcurrentRequests: 1},
    })
    const names = Array.from({length: 8}, (_, n) => `dead-${n}`)
    for (const name of names) plane.enqueue(callCommand(name, {channel: 'dead'}))
    plane.enqueue(callCommand('alive'))
    expect((await plane.terminal('alive')).json.resp_code).toBe(200)
    expect((await plane.terminal('dead-7')).json).toMatchObject({
      resp_code: 503,
      resp_json: {error: {data: {failure_class: 'queue_full'}}},
    })
  })

  test('a notification is started before later calls of its session, and others do not wait for it', async () => {
    const gates: ChannelSink[] = []
    const channel = fakeChannel({
      serve: ({message}, sink) => {
        if (message.kind === 'request')
          sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`), JSON_HEAD)
        else gates.push(sink)
      },
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(
      notificationCommand('init', {session: 'a'}),
      callCommand('after', {session: 'a'}),
      callCommand('other', {session: 'b'}),
    )
    await plane.terminal('other')
    expect(channel.calls.map(({requestId}) => requestId)).toEqual(['init', 'other'])
    gates[0]!.onAccepted({status: 202, headers: []})
    await plane.terminal('after')
  })

  test('a notification that is never acknowledged holds up its session for a second, no longer', async () => {
    const channel = fakeChannel({
      serve: ({message}, sink) => {
        if (message.kind === 'request')
          sink.onResponse(Buffer.from(`{"jsonrpc":"2.0","id":${message.id},"result":{}}`), JSON_HEAD)
      },
    })
    const {plane} = await running({channels: [channel]})
    plane.enqueue(notificationCommand('init', {session: 'a'}), callCommand('after', {session: 'a'}))
    await plane.terminal('after')
    expect(channel.calls.map(({requestId}) => requestId)).toEqual(['init', 'after'])
  })

  test('a slot is free as soon as the server has answered, not when the answer is delivered', async () => {
    const {plane, channel} = await running({limits: {maxConcurrentRequests: 1}})
    plane.onResponse = () => true
    plane.enqueue(callCommand('r1'), callCommand('r2'))
    await plane.until('both', () => channel.calls.length === 2)
  })

  test('a subscription holds no slot', async () => {
    const {channel, answer} = holding()
    const {plane} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(callCommand('listen', {method: 'subscriptions/listen', session: 'x'}), callCommand('r1'))
    await plane.until('both', () => channel.calls.length === 2)
    answer('r1')
    await plane.terminal('r1')
  })
})

describe('cancellation', () => {
  const cancel = (requestId: string, id: unknown, session = 's') =>
    notificationCommand(requestId, {method: 'notifications/cancelled', params: {requestId: id}, session})

  test('overtakes what waits, and a call that the server leaves unanswered ends after two seconds', async () => {
    const {channel} = holding()
    const {plane} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(callCommand('r1', {id: 5, session: 's'}), callCommand('waits', {id: 6, session: 's'}))
    await plane.until('the call', () => channel.calls.length === 1)
    plane.enqueue(cancel('c1', 5))
    await plane.terminal('c1')
    expect(channel.calls.map(({requestId}) => requestId).slice(0, 2)).toEqual(['r1', 'c1'])
    expect((await plane.terminal('r1')).json).toMatchObject({
      resp_code: 200,
      resp_json: {id: 5, error: {message: 'Request cancelled'}},
    })
    expect(channel.canceled).toEqual([{requestId: 'r1', reason: 'caller'}])
    await plane.until('the next call', () => channel.calls.length === 3)
  })

  test('a call that is answered after its cancellation gets that answer', async () => {
    const {channel, answer} = holding()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1', {id: 'x', session: 's'}))
    await plane.until('the call', () => channel.calls.length === 1)
    plane.enqueue(cancel('c1', 'x'))
    await plane.terminal('c1')
    answer('r1')
    expect((await plane.terminal('r1')).json.resp_json.result).toBe('r1')
  })

  test('a call that still waits is answered at once, and the server hears of neither', async () => {
    const {channel} = holding()
    const {plane} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(
      callCommand('r1', {id: 1, session: 'other'}),
      callCommand('r2', {id: 1, session: 's'}),
      cancel('c1', 1),
    )
    expect((await plane.terminal('r2')).json.resp_json.error.message).toBe('Request cancelled')
    expect((await plane.terminal('c1')).json).toMatchObject({resp_type: 'notify_ack', resp_code: 202})
    expect(channel.calls.map(({requestId}) => requestId)).toEqual(['r1'])
  })

  test('the type of the id counts, and so does the session', async () => {
    const {channel, answer} = holding()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1', {id: 1, session: 's'}))
    await plane.until('the call', () => channel.calls.length === 1)
    plane.enqueue(cancel('c1', '1'), cancel('c2', 1, 'other'))
    await plane.terminal('c2')
    answer('r1')
    expect((await plane.terminal('r1')).json.resp_json.result).toBe('r1')
    expect(channel.calls.map(({requestId}) => requestId)).toEqual(['r1', 'c1', 'c2'])
  })
})
