import {EventEmitter} from 'node:events'
import {createServer, type IncomingMessage, request, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createStreamHub, type StateDocument, type StreamHub} from '../../../../src/tunnel/ops/index.ts'
import {eventually} from '../../../support/eventually.ts'
import {close, listen} from '../../../support/servers/loopback.ts'

interface Call {
  id: number
  over: boolean
  padding?: string
}

let server: Server
let hub: StreamHub<Call>
let states = 0
const connections: IncomingMessage[] = []

beforeEach(async () => {
  states = 0
  hub = createStreamHub<Call>({
    run: 'run1',
    state: () => ({n: ++states}) as unknown as StateDocument,
    call: (call, phase) => (phase === 'started' && call.over ? null : call),
  })
  server = createServer((incoming, response) => {
    const query = new URLSearchParams(incoming.url?.split('?')[1])
    const types = new Set((query.get('types') ?? 'state,call,event').split(',')) as Set<'state' | 'call' | 'event'>
    if (hub.attach({response, after: query.get('after'), types})) return
    response.writeHead(503)
    response.end()
  })
  await listen(server)
})
afterEach(async () => {
  hub.close()
  for (const connection of connections.splice(0)) connection.destroy()
  await close(server)
})

interface Frame {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: Record<string, unknown> | null
}

interface Reader {
  readonly status: number
  readonly connection: IncomingMessage
  frames(): Frame[]
  of(event: string): Record<string, unknown>[]
  /** `id` of the newest call. */
  last(): number
  ended: boolean
}

async function read(query = '', paused = false): Promise<Reader> {
  const {port} = server.address() as AddressInfo
  const connection = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request({port, host: '127.0.0.1', path: `/?${query}`, agent: false}, resolve)
    asking.on('error', reject)
    asking.end()
  })
  connections.push(connection)
  let text = ''
  const frames = (): Frame[] =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map((block) => {
        const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
        const data = field('data')
        return {id: field('id'), event: field('event'), data: data === undefined ? null : JSON.parse(data)}
      })
  const reader: Reader = {
    status: connection.statusCode ?? 0,
    connection,
    ended: false,
    frames,
    last: () => Number(/"id":(\d+)[^\n]*\n\n$/.exec(text.slice(-10_000))?.[1]),
    of: (event) => frames().flatMap((frame) => (frame.event === event && frame.data !== null ? [frame.data] : [])),
  }
  connection.on('end', () => {
    reader.ended = true
  })
  connection.on('error', () => {})
  if (paused) connection.pause()
  else connection.setEncoding('utf8')
  connection.on('data', (chunk: Buffer | string) => {
    text += chunk.toString()
  })
  if (paused) connection.pause()
  return reader
}

const log = (seq: number) =>
  ({kind: 'log', seq, at: '2026-01-01T00:00:00.000Z', level: 'INFO', message: 'm', attrs: {}}) as const

describe('a reader', () => {
  test('gets the state first, then what happens, in order and with rising ids', async () => {
    hub.event(log(1))
    const reader = await read()
    await eventually('the state', () => reader.of('state').length === 1)
    hub.call({id: 1, over: false}, 'started')
    hub.event(log(2))
    hub.call({id: 2, over: true}, 'finished')
    await eventually('three events', () => reader.frames().length === 5)
    expect(reader.frames().map(({id, event}) => [id, event])).toEqual([
      ['run1-1', undefined],
      [undefined, 'state'],
      ['run1-2', 'call'],
      ['run1-3', 'event'],
      ['run1-4', 'call'],
    ])
  })

  test('is not shown the start of a call that is over by then', async () => {
    const reader = await read('types=call')
    const call = {id: 1, over: false}
    hub.call(call, 'started')
    call.over = true
    hub.call(call, 'finished')
    await eventually('the call', () => reader.of('call').length > 0)
    hub.call({id: 2, over: true}, 'finished')
    await eventually('the next', () => reader.of('call').length > 1)
    expect(reader.of('call').map(({id}) => id)).toEqual([1, 2])
  })

  test('gets one state for many changes at once', async () => {
    const reader = await read('types=state')
    await eventually('the first', () => reader.of('state').length === 1)
    for (let n = 0; n < 100; n++) hub.stateChanged()
    await eventually('the second', () => reader.of('state').length === 2)
    expect(states).toBe(2)
  })

  test('goes on behind its last event, without a hole and without the state that it knows', async () => {
    for (let seq = 1; seq <= 5; seq++) hub.event(log(seq))
    const reader = await read('after=run1-3')
    await eventually('the rest', () => reader.of('event').length === 2)
    expect(reader.of('event').map(({seq}) => seq)).toEqual([4, 5])
    expect(reader.of('state')).toEqual([])
    expect(reader.of('gap')).toEqual([])
  })

  test('that comes back gets the state when it has changed meanwhile', async () => {
    hub.event(log(1))
    hub.stateChanged()
    const reader = await read('after=run1-1')
    await eventually('the state', () => reader.of('state').length === 1)
  })
})

describe('a gap is told', () => {
  test('when more happened than is kept; what is kept follows', async () => {
    for (let seq = 1; seq <= 1100; seq++) hub.event(log(seq))
    const reader = await read('after=run1-10&types=event')
    await eventually('the newest', () => reader.of('event').at(-1)?.seq === 1100)
    expect(reader.of('gap')).toEqual([{reason: 'overrun', types: ['event']}])
    expect(reader.of('event')).toHaveLength(1024)
    expect(reader.frames()[1]?.event).toBe('gap')
  })

  test('but not when the forgotten ones had been seen', async () => {
    for (let seq = 1; seq <= 1100; seq++) hub.event(log(seq))
    const reader = await read('after=run1-1000&types=event')
    await eventually('the newest', () => reader.of('event').length === 100)
    expect(reader.of('gap')).toEqual([])
  })

  test('to whoever was connected to another run, who then gets everything that is kept of this one', async () => {
    hub.event(log(1))
    const reader = await read('after=run0-77&types=event')
    await eventually('the event', () => reader.of('event').length === 1)
    expect(reader.of('gap')).toEqual([{reason: 'restarted', types: ['event']}])
  })

  test.each(['zzz', 'run1-', 'run1-1e9', 'run1-77', '<script>'])('to %j, which is no id of an event', async (after) => {
    const reader = await read(`after=${encodeURIComponent(after)}`)
    await eventually('the gap', () => reader.of('gap').length === 1)
    expect(reader.of('gap')[0]).toMatchObject({reason: 'unknown_id'})
  })

  test('to a reader that stood still, when it reads again; nothing is kept for it meanwhile', async () => {
    const slow = await read('types=call', true)
    const other = await read('types=call')
    const padding = 'x'.repeat(4000)
    // Enough to fill the kernel's buffers of a connection that nobody reads, many times over.
    for (let id = 1; id <= 12_000; id++) {
      hub.call({id, over: true, padding}, 'finished')
      if (id % 500 === 0) await eventually('the other keeps up', () => other.last() === id)
    }
    slow.connection.resume()
    await eventually('the newest', () => slow.of('call').at(-1)?.id === 12_000)
    expect(slow.of('gap').length).toBeGreaterThan(0)
    expect(slow.of('gap').at(-1)).toMatchObject({reason: 'slow_reader', types: ['call']})
    const ids = slow.of('call').map(({id}) => Number(id))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('a reader is told of every loss, also of one that comes before what it was told of already', () => {
  for (let seq = 1; seq <= 1100; seq++) hub.event(log(seq))
  for (let id = 1; id <= 2300; id++) hub.call({id, over: true}, 'finished')
  const response = new FullResponse()
  hub.attach({response: response as unknown as ServerResponse, after: 'run1-1', types: new Set(['call', 'event'])})
  expect(gapsOf(response.text)).toEqual([{reason: 'overrun', types: ['call', 'event']}])
  const last = /"seq":(\d+)[^\n]*\n\n$/.exec(response.text)?.[1]
  // It stands in the middle of the log, and the calls that were lost came later than that.
  expect(Number(last)).toBeLessThan(900)
  for (let seq = 1101; seq <= 1900; seq++) hub.event(log(seq))
  response.emit('drain')
  expect(gapsOf(response.text).at(-1)).toEqual({reason: 'slow_reader', types: ['event']})
})

/** A connection that has no room left after each write. */
class FullResponse extends EventEmitter {
  text = ''
  readonly writableLength = 1024 * 1024
  writeHead(): this {
    return this
  }
  write(text: string): boolean {
    this.text += text
    return this.text.length < 1024
  }
  end(): void {}
  destroy(): void {}
}

const gapsOf = (text: string): unknown[] =>
  [...text.matchAll(/^event: gap\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''))

describe('the hub', () => {
  test('takes sixteen readers, refuses the next and takes one again when one has gone', async () => {
    const readers = await Promise.all(Array.from({length: 16}, () => read()))
    expect((await read()).status).toBe(503)
    readers[3]?.connection.destroy()
    await eventually('one has gone', () => hub.readers() === 15)
    expect((await read()).status).toBe(200)
  })

  test('makes no document while nobody reads', () => {
    for (let n = 0; n < 100; n++) hub.stateChanged()
    expect(states).toBe(0)
  })

  test('ends its readers when it is closed, after what they have not seen yet', async () => {
    const reader = await read('types=event')
    hub.event(log(1))
    hub.close()
    await eventually('the end', () => reader.ended)
    expect(reader.of('event')).toHaveLength(1)
    expect((await read()).status).toBe(503)
  })
})
