import {describe, expect, test} from 'vitest'
import {type RpcMessage, readRpcMessage} from '../../../../src/foundation/wire/index.ts'
import type {RefusalCode, UpstreamHead} from '../../../../src/tunnel/channels/index.ts'
import {callCommand} from '../../../support/relay-rig.ts'
import {holding, running} from '../world.ts'

const STREAM: UpstreamHead = {status: 200, headers: ['content-type', 'text/event-stream']}

const sampling = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"sampling/createMessage","params":{}}`

const ask = (id: string, more: object = {}): object => ({...callCommand(id), server_requests: true, ...more})

const answerTo = (asker: string, requestId: string, id: unknown = 0): object => ({
  ...callCommand(requestId, {headers: {'X-Of': ['the answer']}}),
  answers: asker,
  jsonrpc: {jsonrpc: '2.0', id, result: {role: 'user'}},
})

const offering = (words: string) => (_request: unknown, response: {setHeader(name: string, value: string): void}) => {
  response.setHeader('X-Tunnel-Service-Features', words)
  return false
}

/** A channel whose server asks what the test says. */
function asking() {
  const held = holding()
  const answered: {message: RpcMessage; headers: readonly string[]}[] = []
  const refused: {id: string; code: RefusalCode}[] = []
  const question = (requestId: string, id = '0'): void => {
    const message = readRpcMessage(Buffer.from(sampling(id)))
    held.sinks.get(requestId)!.onServerRequest!(
      {
        message,
        answer: ({message: answer, headers}, sink) => {
          answered.push({message: answer, headers})
          sink.onAccepted({status: 0, headers: []})
          return {cancel: () => {}, pause: () => {}, resume: () => {}}
        },
        refuse: (code) => refused.push({id, code}),
      },
      STREAM,
    )
  }
  return {...held, question, answered, refused}
}

describe('a server that asks the caller of a call', () => {
  test('the question goes up, the answer comes down, and both look as they are written', async () => {
    const {channel, question, answered, answer} = asking()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    expect(channel.calls[0]!.serverRequests).toBe(true)
    question('r1')
    await plane.until('the question', () => plane.responses.length === 1)
    expect(plane.responses[0]!.body.toString()).toBe(
      `{"request_id":"r1","channel":"main","resp_json":${sampling('0')},` +
        '"resp_headers":{"Content-Type":["text/event-stream"]},"resp_code":200,"resp_type":"jsonrpc_notify"}',
    )
    plane.enqueue(answerTo('r1', 'r2'))
    const ack = await plane.terminal('r2')
    expect(ack.body.toString()).toBe('{"request_id":"r2","channel":"main","resp_code":202,"resp_type":"notify_ack"}')
    expect(ack.headers['x-tunnel-shard-token']).toBe('shard-r2')
    expect(answered[0]!.message.raw.toString()).toBe('{"jsonrpc":"2.0","id":0,"result":{"role":"user"}}')
    expect(answered[0]!.headers).toContain('the answer')
    answer('r1')
    expect((await plane.terminal('r1')).json.resp_json.result).toBe('r1')
    expect(channel.calls).toHaveLength(1)
  })

  test('a waiting call gives its slot to others and takes it back; answers need neither slot nor place', async () => {
    const {channel, question, answered, answer} = asking()
    const limits = {maxConcurrentRequests: 1, maxInflight: 1}
    const {plane, relay} = await running({channels: [channel], limits})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1')
    expect(relay.snapshot().workers.occupancy).toBe(0)
    plane.enqueue(callCommand('other'), callCommand('queued'))
    await plane.until('another call in its slot', () => channel.calls.length === 2)
    await plane.until('a full lane', () => relay.snapshot().queue.length === 1)
    // The poll that brings the answer has been open since before: nothing else can come in now.
    plane.onPoll = undefined
    expect(plane.heldPolls).toBe(0)
    answer('other')
    await plane.terminal('other')
    plane.enqueue(answerTo('r1', 'r2'))
    await plane.terminal('r2')
    expect(answered).toHaveLength(1)
    expect(relay.snapshot().workers.occupancy).toBe(2)
    answer('queued')
    answer('r1')
    await plane.terminal('r1')
    await plane.until('rest', () => relay.snapshot().workers.occupancy === 0)
  })

  test('an answer after the end of its call, or to nothing: 404, and the server hears nothing', async () => {
    const {channel, question, answered, refused, answer} = asking()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1')
    answer('r1')
    await plane.terminal('r1')
    expect(refused).toEqual([{id: '0', code: -32603}])
    plane.enqueue(answerTo('r1', 'late'), answerTo('nobody', 'wild'), {...answerTo('x', 'mute'), answers: undefined})
    for (const id of ['late', 'wild', 'mute']) {
      expect((await plane.terminal(id)).json).toMatchObject({resp_code: 404, resp_type: 'notify_ack'})
    }
    expect(answered).toEqual([])
  })

  test('a second answer is taken and goes nowhere; several questions are told apart by id and its type', async () => {
    const {channel, question, answered} = asking()
    const {plane, relay} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1', '0')
    question('r1', '"0"')
    plane.enqueue(answerTo('r1', 'b', '0'))
    await plane.terminal('b')
    expect(relay.snapshot().workers.occupancy).toBe(0)
    plane.enqueue(answerTo('r1', 'again', '0'), answerTo('r1', 'a', 0))
    expect((await plane.terminal('again')).json.resp_code).toBe(202)
    await plane.terminal('a')
    expect(answered.map(({message}) => message.id)).toEqual(['"0"', '0'])
    expect(relay.snapshot().workers.occupancy).toBe(1)
  })

  test('a question that the service refuses is answered here: -32601 for its 4xx, -32603 for the rest; the call goes on', async () => {
    const {channel, question, refused, answer, sinks} = asking()
    const {plane} = await running({channels: [channel]})
    const statuses = [400, 500]
    plane.onResponse = (_request, response, body) => {
      if (!body.includes('sampling/createMessage')) return false
      response.statusCode = statuses.shift()!
      response.end('{}')
      return true
    }
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1', '1')
    question('r1', '2')
    await plane.until('both refusals', () => refused.length === 2)
    expect(refused).toEqual([
      {id: '1', code: -32601},
      {id: '2', code: -32603},
    ])
    sinks.get('r1')!.onNotification(Buffer.from('{"jsonrpc":"2.0","method":"notifications/message"}'), STREAM)
    answer('r1')
    await plane.terminal('r1')
    expect(plane.responses.map(({json}) => json.resp_json.method ?? 'answer')).toEqual([
      'sampling/createMessage',
      'sampling/createMessage',
      'notifications/message',
      'answer',
    ])
  })

  test('the same question again is none: it goes up once, and is answered once', async () => {
    const {channel, question, refused, answered} = asking()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1', '1')
    question('r1', '1')
    plane.enqueue(answerTo('r1', 'r2', 1))
    await plane.terminal('r2')
    expect(plane.responses.filter(({json}) => json.resp_type === 'jsonrpc_notify')).toHaveLength(1)
    expect(answered).toHaveLength(1)
    expect(refused).toEqual([])
  })

  test('a question whose acknowledgement got lost is posted again, three times at most', async () => {
    const {channel, question, refused, answer} = asking()
    const {plane} = await running({channels: [channel]})
    const posts = (id: number): number => plane.responses.filter(({json}) => json.resp_json.id === id).length
    plane.onResponse = (_request, response, body) => {
      if (!body.includes('"id":1,') && (posts(2) > 1 || !body.includes('"id":2,'))) return false
      response.destroy()
      return true
    }
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1', '1')
    question('r1', '2')
    await plane.until('the refusal', () => refused.length === 1)
    expect(refused).toEqual([{id: '1', code: -32603}])
    // The HTTP client repeats a post by itself, too, when a kept connection turns out to be dead.
    expect(posts(1)).toBeGreaterThanOrEqual(3)
    expect(posts(1)).toBeLessThanOrEqual(6)
    await plane.until('the other question', () => posts(2) > 1)
    plane.onResponse = undefined
    answer('r1')
    await plane.terminal('r1')
  })

  test('a server that takes its question back: the word goes up in order, the late answer goes nowhere', async () => {
    const {channel, question, answered, sinks, refused} = asking()
    const {plane, relay} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1', '7')
    const cancelled = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}'
    sinks.get('r1')!.onNotification(Buffer.from(cancelled), STREAM)
    expect(relay.snapshot().workers.occupancy).toBe(1)
    await plane.until('both', () => plane.responses.length === 2)
    expect(plane.responses[1]!.body.includes(cancelled)).toBe(true)
    plane.enqueue(answerTo('r1', 'r2', 7))
    expect((await plane.terminal('r2')).json.resp_code).toBe(202)
    expect(answered).toEqual([])
    expect(refused).toEqual([])
  })

  test('no more than 256 calls wait at the same time; the next server gets -32603 and its call goes on', async () => {
    const {channel, question, refused, answer} = asking()
    const {plane} = await running({channels: [channel], limits: {maxConcurrentRequests: 300, maxInflight: 300}})
    const ids = Array.from({length: 257}, (_, n) => `r${n}`)
    plane.enqueue(...ids.map((id) => ask(id)))
    await plane.until('all calls', () => channel.calls.length === ids.length)
    for (const id of ids) question(id, `"${id}"`)
    expect(refused).toEqual([{id: '"r256"', code: -32603}])
    answer('r256')
    expect((await plane.terminal('r256')).json.resp_json.result).toBe('r256')
  })

  test('a drain waits for the answer of a caller, on the poll that is open and then on an urgent one', async () => {
    const {channel, question, answered, answer} = asking()
    const {plane, relay} = await running({channels: [channel]})
    plane.onPoll = offering('cancel, urgent')
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1 && plane.heldPolls === 1)
    question('r1')
    const report = relay.drain(10_000)
    plane.enqueue(callCommand('r2'))
    await plane.until('a call on the open poll', () => channel.calls.length === 2)
    answer('r2')
    await plane.until('an urgent poll', () => plane.polls.at(-1)!.path.includes('only=urgent') && plane.heldPolls === 1)
    plane.enqueue(answerTo('r1', 'a'))
    await plane.until('the answer', () => answered.length === 1)
    answer('r1')
    expect(await report).toMatchObject({timedOut: false, refused: 0, finished: 3})
    expect((await plane.terminal('r1')).json.resp_json.result).toBe('r1')
  })

  test('a caller who does not answer in the time of a drain: his call gets its typed 503, the server its refusal', async () => {
    const {channel, question, refused} = asking()
    const {plane, relay} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1')
    expect(await relay.drain(200)).toMatchObject({timedOut: true, refused: 1})
    expect((await plane.terminal('r1')).json).toMatchObject({resp_code: 503})
    expect(refused).toEqual([{id: '0', code: -32603}])
  })

  test('when no answer can come any more, a drain does not wait for it', async () => {
    const {channel, question, refused} = asking()
    const {plane, relay} = await running({channels: [channel]})
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1 && plane.heldPolls === 1)
    question('r1')
    const report = relay.drain(10_000)
    plane.enqueue(callCommand('r2', {method: 'x', timeout: '0s'}))
    expect(await report).toMatchObject({timedOut: false})
    expect((await plane.terminal('r1')).json).toMatchObject({resp_code: 503})
    expect(refused).toHaveLength(1)
  })
})

describe('a caller who has gone', () => {
  const cancel = (cancels: string): object => ({
    request_id: `c-${cancels}`,
    shard_token: 's',
    command_type: 'cancel',
    cancels,
  })

  test('a running call is cancelled at the server, a waiting one never gets there; nothing is posted for either', async () => {
    const {channel, question, refused} = asking()
    const {plane, relay} = await running({channels: [channel], limits: {maxConcurrentRequests: 2}})
    plane.enqueue(ask('r1'), callCommand('r2'), callCommand('r3'), cancel('r3'))
    await plane.until('the calls', () => channel.calls.length === 2 && relay.snapshot().queue.length === 0)
    plane.enqueue(cancel('r2'), cancel('r2'), cancel('never heard of'))
    await plane.until('the cancellation', () => channel.canceled.length === 1)
    question('r1')
    plane.enqueue(cancel('r1'))
    await plane.until('the other', () => channel.canceled.length === 2)
    expect(channel.canceled).toEqual([
      {requestId: 'r2', reason: 'gone'},
      {requestId: 'r1', reason: 'gone'},
    ])
    expect(refused).toEqual([{id: '0', code: -32603}])
    expect(relay.snapshot().workers.occupancy).toBe(0)
    plane.enqueue(callCommand('r3'), callCommand('r2'), callCommand('r4'))
    await plane.until('the next call', () => channel.calls.length === 3)
    expect(channel.calls[2]!.requestId).toBe('r4')
    expect(plane.responses.map(({json}) => json.request_id).filter((id) => id !== 'r1')).toEqual([])
  })

  test('one whose time is over did not leave: the server was too slow, and the trace says so', async () => {
    const {channel} = holding()
    const {plane, events, logs} = await running({channels: [channel], limits: {maxConcurrentRequests: 1}})
    plane.enqueue(ask('r1'), ask('r2'))
    await plane.until('the call', () => channel.calls.length === 1 && plane.heldPolls === 1)
    plane.enqueue({...cancel('r2'), timed_out: true}, {...cancel('r1'), timed_out: true})
    await plane.until('the end', () => channel.canceled.length === 1)
    expect(channel.canceled).toEqual([{requestId: 'r1', reason: 'deadline'}])
    const ended = events.flatMap((event) => (event.type === 'call_finished' ? [event.trace] : []))
    expect(ended.map(({requestId, outcome, failure}) => [requestId, outcome, failure])).toEqual([
      ['r2', 'expired', 'deadline'],
      ['r1', 'expired', 'deadline'],
    ])
    expect(logs.filter(({message}) => message.startsWith('command response deadline reached'))).toHaveLength(2)
    expect(plane.responses).toEqual([])
  })

  test('a cancellation that overtakes its call on another poll still counts', async () => {
    const {channel} = holding()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(cancel('r1'), callCommand('r1'), callCommand('r2'))
    await plane.until('the other', () => channel.calls.length === 1)
    expect(channel.calls[0]!.requestId).toBe('r2')
  })

  test('404 on a notification says the same: one such post, no answer, no noise', async () => {
    const {channel, sinks} = holding()
    const {plane, relay, logs} = await running({channels: [channel]})
    plane.onResponse = (_request, response) => {
      response.statusCode = 404
      response.end('{}')
      return true
    }
    plane.enqueue(callCommand('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    for (let n = 0; n < 50; n++) {
      sinks.get('r1')!.onNotification(Buffer.from('{"jsonrpc":"2.0","method":"notifications/message"}'), STREAM)
    }
    await plane.until('the cancellation', () => channel.canceled.length === 1)
    expect(channel.canceled).toEqual([{requestId: 'r1', reason: 'gone'}])
    await plane.until('rest', () => relay.snapshot().workers.occupancy === 0)
    expect(plane.responses).toHaveLength(1)
    expect(logs.filter(({level}) => level === 'warn' || level === 'error')).toEqual([])
  })
})

describe('what a service offers', () => {
  test("a service that offers nothing sees the reference's polls", async () => {
    const {channel} = holding()
    const {plane} = await running({channels: [channel]})
    plane.enqueue(callCommand('r1'))
    await plane.until('a second poll', () => plane.polls.length === 2)
    expect(plane.polls.map(({headers}) => headers['x-tunnel-client-features'])).toEqual([undefined, undefined])
    expect(new Set(plane.polls.map(({path}) => path.replace(/limit=\d+/, '')))).toHaveProperty('size', 1)
  })

  test('cancel is said on polls after it was offered, and no longer when it is not', async () => {
    const {channel} = holding()
    const {plane} = await running({channels: [channel]})
    plane.onPoll = offering('other, cancel')
    for (const id of ['r1', 'r2', 'r3', 'r4']) {
      if (id === 'r4') plane.onPoll = undefined
      plane.enqueue(callCommand(id))
      await plane.until(id, () => channel.calls.some(({requestId}) => requestId === id))
    }
    plane.enqueue(callCommand('r5'))
    await plane.until('a poll without it', () => {
      const said = plane.polls.map(({headers}) => headers['x-tunnel-client-features'])
      return said.lastIndexOf('cancel') > 0 && said.at(-1) === undefined
    })
  })

  test('with no room left one poll stays open for what is urgent', async () => {
    const {channel, question, answered, answer} = asking()
    const limits = {maxConcurrentRequests: 1, maxInflight: 1}
    const {plane, relay} = await running({channels: [channel], limits})
    plane.onPoll = offering('cancel, urgent')
    plane.enqueue(ask('r1'))
    await plane.until('the call', () => channel.calls.length === 1)
    question('r1')
    plane.enqueue(callCommand('r2'))
    await plane.until('a second call', () => channel.calls.length === 2)
    plane.enqueue(callCommand('r3'))
    const isUrgent = ({path}: {path: string}): boolean => path.includes('only=urgent')
    await plane.until('the urgent poll', () => plane.polls.filter(isUrgent).length === 1 && plane.heldPolls === 1)
    expect(relay.snapshot().queue.length).toBe(1)
    expect(plane.polls.find(isUrgent)!.path).toMatch(/\?limit=25&timeout_ms=30000&only=urgent$/)
    plane.enqueue(answerTo('r1', 'a'))
    await plane.terminal('a')
    expect(answered).toHaveLength(1)
    await plane.until('the next one', () => plane.polls.filter(isUrgent).length === 2 && plane.heldPolls === 1)
    // Room again: an ordinary poll joins it, and when the room is gone no second urgent one.
    answer('r2')
    answer('r1')
    await plane.until('an ordinary poll', () => plane.heldPolls === 2)
    expect(isUrgent(plane.polls.at(-1)!)).toBe(false)
  })
})
