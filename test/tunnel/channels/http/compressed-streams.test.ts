import type {Socket} from 'node:net'
import * as zlib from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {call, start} from '../../../support/open-channel.ts'
import {chunk, openSocketChannel} from '../../../support/servers/raw-socket-channel.ts'

const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}'
const OK = '{"jsonrpc":"2.0","id":1,"result":{}}'
const note = (n: number): string => `{"jsonrpc":"2.0","method":"notifications/message","params":{"n":${n}}}`
const head = (encoding: string, type: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Encoding: ${encoding}\r\nTransfer-Encoding: chunked\r\n\r\n`

type Encoder = zlib.Gzip | zlib.BrotliCompress
const {createZstdCompress} = zlib as {createZstdCompress?: () => Encoder}
const CODINGS: readonly [name: string, encoder: () => Encoder][] = [
  ['gzip', () => zlib.createGzip()],
  ['x-gzip', () => zlib.createGzip()],
  ['deflate', () => zlib.createDeflate()],
  ['deflate', () => zlib.createDeflateRaw()],
  ['br', () => zlib.createBrotliCompress()],
  ...(createZstdCompress ? [['zstd', createZstdCompress] as [string, () => Encoder]] : []),
]

/** What an encoder has written for each text, flushed after each; the last part is its trailer. */
async function encoded(encoder: Encoder, texts: readonly string[]): Promise<Buffer[]> {
  const parts: Buffer[] = []
  const taken = (): Buffer => Buffer.concat(held.splice(0))
  const held: Buffer[] = []
  encoder.on('data', (bytes: Buffer) => held.push(bytes))
  for (const text of texts) {
    encoder.write(text)
    await new Promise<void>((resolve) => encoder.flush(() => resolve()))
    parts.push(taken())
  }
  await new Promise<void>((resolve) => encoder.once('end', () => resolve()).end())
  return [...parts, taken()]
}

const EVENTS = [...Array.from({length: 50}, (_, n) => `data: ${note(n)}\n\n`), `data: ${OK}\n\n`]

describe.each(CODINGS)('an event stream in %s', (encoding, encoder) => {
  const endings: readonly [string, (socket: Socket) => void][] = [
    ['whose connection is reset behind the last event', (socket) => socket.resetAndDestroy()],
    ['that is closed behind the last event', (socket) => socket.end()],
    ['that ends without its trailer', (socket) => socket.end('0\r\n\r\n')],
  ]
  it.each(endings)('%s has told all of them', async (_name, end) => {
    const parts = (await encoded(encoder(), EVENTS)).slice(0, -1)
    const {channel} = await openSocketChannel((socket) => {
      socket.write(head(encoding, 'text/event-stream'))
      socket.write(chunk(Buffer.concat(parts)), () => end(socket))
    })
    const {notifications, response, settled} = await call(channel, CALL)
    expect(notifications).toEqual(Array.from({length: 50}, (_, n) => note(n)))
    expect(response).toBe(OK)
    expect(settled).toBe(1)
  })

  it('that breaks off before the answer is a broken stream', async () => {
    const [first] = await encoded(encoder(), EVENTS)
    const {channel} = await openSocketChannel((socket) => {
      socket.write(head(encoding, 'text/event-stream'))
      socket.write(chunk(first!), () => socket.end())
    })
    const {notifications, failure, settled} = await call(channel, CALL)
    expect(notifications).toEqual([note(0)])
    expect(failure).toMatchObject({failure: 'mcp_stream_ended', kind: 'unexpected_eof'})
    expect(settled).toBe(1)
  })

  it('gives each event as it comes', async () => {
    const parts = await encoded(encoder(), EVENTS)
    let more: () => void = () => {}
    const {channel} = await openSocketChannel((socket) => {
      socket.write(head(encoding, 'text/event-stream'))
      socket.write(chunk(parts[0]!))
      more = () => {
        socket.write(chunk(Buffer.concat(parts.slice(1))))
        socket.end('0\r\n\r\n')
      }
    })
    const running = start(channel, CALL)
    await expect.poll(() => running.notifications).toEqual([note(0)])
    more()
    expect((await running.done).response).toBe(OK)
  })
})

describe.each(CODINGS)('a JSON answer in %s', (encoding, encoder) => {
  it.each([
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['ended', (socket: Socket) => socket.end('0\r\n\r\n')],
  ])('that is whole but for its trailer counts: %s', async (_name, end) => {
    const [body] = await encoded(encoder(), [OK])
    const {channel} = await openSocketChannel((socket) => {
      socket.write(head(encoding, 'application/json'))
      socket.write(chunk(body!), () => end(socket))
    })
    expect((await call(channel, CALL)).response).toBe(OK)
  })
})

describe('an encoding', () => {
  it('that breaks is told as that, whatever came before', async () => {
    const [first] = await encoded(zlib.createGzip(), EVENTS)
    let more: () => void = () => {}
    const {channel} = await openSocketChannel((socket) => {
      socket.write(head('gzip', 'text/event-stream'))
      socket.write(chunk(first!))
      more = () => {
        socket.write(chunk('not compressed at all'))
        socket.end('0\r\n\r\n')
      }
    })
    const running = start(channel, CALL)
    await expect.poll(() => running.notifications).toEqual([note(0)])
    more()
    const {failure, settled} = await running.done
    expect(failure).toMatchObject({failure: 'undecodable', kind: 'response_body_unreadable', status: 502})
    expect(settled).toBe(1)
  })

  it('in a member of its own for each event is one stream', async () => {
    const {channel} = await openSocketChannel((socket) => {
      socket.write(head('gzip', 'text/event-stream'))
      for (const event of EVENTS) socket.write(chunk(zlib.gzipSync(event)))
      socket.end('0\r\n\r\n')
    })
    const {notifications, response} = await call(channel, CALL)
    expect(notifications).toHaveLength(50)
    expect(response).toBe(OK)
  })

  it.each(['compress', 'gzip, br', 'x"y'])('%s is not understood, and named', async (encoding) => {
    const {channel} = await openSocketChannel((socket) => socket.end(`${head(encoding, 'application/json')}0\r\n\r\n`))
    const {failure} = await call(channel, CALL)
    expect(failure).toMatchObject({failure: 'undecodable'})
    expect(failure!.message).toContain(JSON.stringify(encoding))
  })

  it('of nothing is nothing', async () => {
    const {channel} = await openSocketChannel((socket) => socket.end(`${head('gzip', 'application/json')}0\r\n\r\n`))
    expect((await call(channel, CALL)).failure).toMatchObject({failure: 'mcp_no_answer'})
  })
})
