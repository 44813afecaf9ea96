import type {ServerResponse} from 'node:http'
import {describe, expect, test} from 'vitest'
import {fakeChannel} from '../../../support/fake-channel.ts'
import {openHttpChannel} from '../../../support/open-channel.ts'
import {callCommand} from '../../../support/relay-rig.ts'
import {events, json, type SeenRequest} from '../../../support/servers/raw-http-server.ts'
import {running} from '../world.ts'

const stream = (requestId: string): object => ({
  ...callCommand(requestId, {headers: {'Mcp-Session-Id': ['s'], Accept: ['text/event-stream'], 'X-Own': ['1']}}),
  command_type: 'session_stream',
  server_requests: true,
  jsonrpc: undefined,
})

/** A relay before an MCP server whose session streams the test writes. */
async function listening(
  answer: (request: SeenRequest, reply: ServerResponse) => void = (_, reply) => void events(reply),
) {
  const gets: {request: SeenRequest; reply: ServerResponse; closed: boolean}[] = []
  const posts: string[] = []
  const {channel} = await openHttpChannel((request, reply) => {
    if (request.method !== 'GET') {
      posts.push(request.body.toString())
      if (request.body.includes('"id":1')) json(reply, '{"jsonrpc":"2.0","id":1,"result":{}}')
      else reply.writeHead(202).end()
      return
    }
    const get = {request, reply, closed: false}
    reply.on('close', () => {
      get.closed = true
    })
    gets.push(get)
    answer(request, reply)
    reply.flushHeaders()
  })
  const front = {...fakeChannel(), send: channel.send.bind(channel), listen: channel.listen!.bind(channel)}
  const rig = await running({channels: [front], limits: {maxConcurrentRequests: 1}})
  return {...rig, gets, posts}
}

const data = (message: object): string => `data: ${JSON.stringify(message)}\n\n`
const note = (n: number): object => ({jsonrpc: '2.0', method: 'notifications/message', params: {n}})

describe('a session stream', () => {
  test('of a transport that throws costs its caller the stream, and nobody else anything', async () => {
    const broken = {
      ...fakeChannel(),
      listen: () => {
        throw new Error('a defect')
      },
    }
    const {plane, logged} = await running({channels: [broken]})
    plane.enqueue(stream('r1'), callCommand('call'))
    expect((await plane.terminal('r1')).json).toMatchObject({resp_type: 'notify_ack', resp_code: 502})
    expect((await plane.terminal('call')).json.resp_code).toBe(200)
    expect(logged('a transport threw')).toMatchObject([{attrs: {request_id: 'r1', error: 'a defect'}}])
  })

  test.each([
    ['cancel, stream_head', 1],
    ['cancel', 0],
  ])('is announced to a service that offers %j when the server opens it', async (features, posts) => {
    const {plane, gets} = await listening()
    plane.onPoll = (_, response) => {
      response.setHeader('x-tunnel-service-features', features)
      return false
    }
    plane.enqueue(callCommand('first'))
    await plane.terminal('first')
    plane.enqueue(stream('r1'))
    await plane.until('the GET', () => gets.length === 1)
    gets[0]!.reply.write(data(note(1)))
    await plane.until('the event', () => plane.responses.some(({json}) => json.resp_json?.params?.n === 1))
    const heads = plane.responses.filter(({json}) => json.request_id === 'r1' && json.resp_json === undefined)
    expect(heads).toHaveLength(posts)
    for (const {json} of heads) {
      expect(json).toMatchObject({resp_type: 'jsonrpc_notify', resp_code: 200})
      expect(json.resp_headers).toEqual({'Content-Type': ['text/event-stream']})
    }
  })

  test('leaves a connection for calls, however many are open', async () => {
    const {plane, gets} = await listening()
    plane.enqueue(...Array.from({length: 256}, (_, n) => stream(`s${n}`)))
    await plane.until('all streams', () => gets.length === 256)
    plane.enqueue(callCommand('call', {id: 1}))
    expect((await plane.terminal('call')).json.resp_code).toBe(200)
  })

  test('is a GET with the headers of its caller; what comes goes up in order until the server ends it', async () => {
    const {plane, gets} = await listening()
    plane.enqueue(stream('r1'))
    await plane.until('the stream', () => gets.length === 1)
    expect(gets[0]!.request.headers).toMatchObject({'mcp-session-id': 's', accept: 'text/event-stream', 'x-own': '1'})
    expect(gets[0]!.request.headers).not.toHaveProperty('content-type')
    for (let n = 0; n < 50; n++) gets[0]!.reply.write(data(note(n)))
    gets[0]!.reply.end()
    expect((await plane.terminal('r1')).json).toMatchObject({resp_type: 'notify_ack', resp_code: 200})
    const told = plane.responses.slice(0, -1).map(({json: {resp_type, resp_json}}) => [resp_type, resp_json.params.n])
    expect(told).toEqual(Array.from({length: 50}, (_, n) => ['jsonrpc_notify', n]))
  })

  test('takes no slot, and its server may ask: the answer is posted back, a ping is answered here', async () => {
    const {plane, gets, posts} = await listening()
    plane.enqueue(stream('r1'))
    await plane.until('the stream', () => gets.length === 1)
    plane.enqueue(callCommand('r2', {id: 1}))
    expect((await plane.terminal('r2')).json.resp_code).toBe(200)
    gets[0]!.reply.write(data({jsonrpc: '2.0', id: 7, method: 'ping'}))
    gets[0]!.reply.write(data({jsonrpc: '2.0', id: 0, method: 'roots/list'}))
    await plane.until('the question', () =>
      plane.responses.some(({json: {resp_json}}) => resp_json?.method === 'roots/list'),
    )
    const answer = {jsonrpc: '2.0', id: 0, result: {roots: []}}
    plane.enqueue({...callCommand('r3'), answers: 'r1', jsonrpc: answer})
    expect((await plane.terminal('r3')).json).toMatchObject({resp_type: 'notify_ack', resp_code: 202})
    expect(posts).toContain(JSON.stringify(answer))
    await plane.until('the answer to the ping', () => posts.includes('{"jsonrpc":"2.0","id":7,"result":{}}'))
  })

  test('ends at the server when its caller hangs up, and nothing is posted', async () => {
    const {plane, gets} = await listening()
    plane.enqueue(stream('r1'))
    await plane.until('the stream', () => gets.length === 1)
    plane.enqueue({
      request_id: 'c',
      shard_token: 't',
      command_type: 'cancel',
      cancels: 'r1',
      channel: 'main',
      headers: {},
    })
    await plane.until('the end', () => gets[0]!.closed)
    expect(plane.responses).toEqual([])
  })

  test.each([
    ['refuses', (reply: ServerResponse) => reply.writeHead(405).end(), 405],
    ['does not know', (reply: ServerResponse) => reply.writeHead(404).end('no session'), 404],
    ['answers with JSON', (reply: ServerResponse) => json(reply, '{}'), 405],
    ['breaks', (reply: ServerResponse) => reply.destroy(), 502],
  ])('that the server %s is acknowledged with the status', async (_name, answer, status) => {
    const {plane} = await listening((_, reply) => void answer(reply))
    plane.enqueue(stream('r1'))
    expect((await plane.terminal('r1')).json).toMatchObject({resp_type: 'notify_ack', resp_code: status})
  })

  test('is not there on transports without one, nor on channels that are not', async () => {
    const {plane} = await running({channels: [fakeChannel()]})
    plane.enqueue(stream('r1'), {...stream('r2'), channel: 'other'})
    for (const id of ['r1', 'r2']) {
      expect((await plane.terminal(id)).json).toMatchObject({resp_type: 'notify_ack', resp_code: 405})
    }
  })

  test('holds up no drain', async () => {
    const {plane, gets, relay} = await listening()
    plane.enqueue(stream('r1'))
    await plane.until('the stream', () => gets.length === 1)
    expect(await relay.drain(20_000)).toMatchObject({timedOut: false, undelivered: 0})
    expect((await plane.terminal('r1')).json).toMatchObject({resp_type: 'notify_ack', resp_code: 503})
    await plane.until('the end', () => gets[0]!.closed)
  })

  test('no more than 256 are open; the next caller is told that there is none', async () => {
    const {plane, gets} = await listening()
    plane.enqueue(...Array.from({length: 257}, (_, n) => stream(`r${n}`)))
    expect((await plane.terminal('r256')).json.resp_code).toBe(405)
    await plane.until('the streams', () => gets.length === 256)
    expect(plane.responses).toHaveLength(1)
  })

  test('a drain hears the answer that a call under way depends on, also when its server asked beside it', async () => {
    let finish: (() => void) | null = null
    const server = await openHttpChannel((request, reply) => {
      if (request.method === 'GET') {
        events(reply).write(data({jsonrpc: '2.0', id: 7, method: 'roots/list'}))
      } else if (request.body.includes('"id":1')) finish = () => json(reply, '{"jsonrpc":"2.0","id":1,"result":{}}')
      else {
        reply.writeHead(202).end()
        finish?.()
      }
    })
    const front = {...fakeChannel(), send: server.channel.send.bind(server.channel)}
    const rig = await running({channels: [{...front, listen: server.channel.listen!.bind(server.channel)}]})
    const {plane, relay} = rig
    plane.onPoll = (_request, response) => {
      response.setHeader('X-Tunnel-Service-Features', 'cancel, urgent, session_stream')
      return false
    }
    plane.enqueue(callCommand('r1', {id: 1}))
    await plane.until('the call', () => finish !== null)
    plane.enqueue(stream('r2'))
    await plane.until('the question', () => plane.responses.length === 1 && plane.heldPolls === 1)
    const report = relay.drain(10_000)
    // What the open poll brings is not the answer yet.
    plane.enqueue({command_type: 'cancel', cancels: 'nothing'})
    await plane.until('an urgent poll', () => plane.polls.at(-1)!.path.includes('only=urgent') && plane.heldPolls === 1)
    const answer = {...callCommand('r3'), answers: 'r2', jsonrpc: {jsonrpc: '2.0', id: 7, result: {roots: []}}}
    plane.enqueue(answer)
    expect(await report).toMatchObject({timedOut: false, refused: 0})
    expect((await plane.terminal('r1')).json.resp_code).toBe(200)
  })
})
