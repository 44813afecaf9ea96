import type {ServerResponse} from 'node:http'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {systemClock} from '../../../../src/foundation/platform/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {call, openHttpChannel, start} from '../../../support/open-channel.ts'
import {events, json} from '../../../support/servers/raw-http-server.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const ANSWER = `data: ${OK}\n\n`
const PRIMING = 'retry: 1\nid: e-0\ndata:\n\n'
/** More than are tried in vain. */
const MANY = 12

/** A server that primes its client at the POST; `again` answers the nth GET. */
const primed = (
  again: (reply: ServerResponse, nth: number) => void,
  options: Parameters<typeof openHttpChannel>[1] = {},
) => {
  let gets = 0
  return openHttpChannel(({method}, reply) => {
    if (method === 'POST') events(reply).end(PRIMING)
    else again(reply, ++gets)
  }, options)
}

describe('a server that makes its client poll', () => {
  it('with a new event id each time is asked until it answers', async () => {
    const {channel, server} = await primed((reply, nth) =>
      events(reply).end(nth < MANY ? `id: e-${nth}\ndata:\n\n` : ANSWER),
    )
    expect((await call(channel, CALL)).response).toBe(OK)
    expect(server.seen.slice(1).map(({headers}) => headers['last-event-id'])).toEqual(
      Array.from({length: MANY}, (_, n) => `e-${n}`),
    )
  })

  it('by closing streams that it has held open for a while is asked until it answers', async () => {
    const clock = {...systemClock, now: () => systemClock.now() * 200}
    const hold = (reply: ServerResponse): void => {
      events(reply).flushHeaders()
      setTimeout(() => reply.end(), 20)
    }
    const {channel, server} = await primed(
      (reply, nth) => {
        if (nth < MANY) hold(reply)
        else events(reply).end(ANSWER)
      },
      {clock},
    )
    expect((await call(channel, CALL)).response).toBe(OK)
    expect(server.seen).toHaveLength(1 + MANY)
  })

  it('at once, and never answers, is asked fifty times a second at most, and until the time of the call is over', async () => {
    const {channel, server} = await primed((reply, nth) => events(reply).end(`retry: 0\nid: e-${nth}\ndata:\n\n`))
    const from = performance.now()
    const running = start(channel, CALL)
    await eventually('many looks', () => server.seen.length > 20)
    expect(performance.now() - from).toBeGreaterThan(19 * 19)
    running.handle.cancel('deadline')
    const looks = server.seen.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(server.seen.slice(looks).filter(({method}) => method === 'GET').length).toBeLessThan(2)
  })

  it('and says nothing and holds nothing is given up', async () => {
    const {channel, server} = await primed((reply) => events(reply).end())
    expect((await call(channel, CALL)).failure).toMatchObject({failure: 'mcp_stream_ended'})
    expect(server.seen).toHaveLength(1 + 5)
  })
})

describe('while a stream is resumed', () => {
  it('a server in trouble is asked again', async () => {
    const {channel, server} = await primed((reply, nth) => {
      if (nth === 1) reply.destroy()
      else if (nth === 2) json(reply, '{}', 429)
      else if (nth === 3) json(reply, '{}', 503)
      else events(reply).end(ANSWER)
    })
    const {response, settled} = await call(channel, CALL)
    expect(response).toBe(OK)
    expect(settled).toBe(1)
    expect(server.seen).toHaveLength(5)
  })

  it('so is one whose stream was compressed', async () => {
    const compressed = (reply: ServerResponse, text: string): unknown =>
      reply
        .writeHead(200, {'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip'})
        .end(gzipSync(text).subarray(0, -8))
    let gets = 0
    const {channel} = await openHttpChannel(({method}, reply) => {
      if (method === 'POST') compressed(reply, PRIMING)
      else if (++gets === 1) reply.destroy()
      else compressed(reply, ANSWER)
    })
    expect((await call(channel, CALL)).response).toBe(OK)
  })
})
