import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync} from 'node:zlib'
import {beforeEach, describe, expect, test} from 'vitest'
import {createBodyDecoder} from '../../../../src/foundation/platform/index.ts'
import {destinationTo, failureOf, GET, noSocketsLeft, ok, onRequests, rawServer} from './raw-server.ts'

beforeEach(noSocketsLeft)

const PLAIN = Buffer.from('tools and more tools. '.repeat(5000))
const ENCODED: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(PLAIN),
  'x-gzip': gzipSync(PLAIN),
  br: brotliCompressSync(PLAIN),
  deflate: deflateSync(PLAIN),
  Deflate: deflateRawSync(PLAIN),
  identity: PLAIN,
}

const serving = async (encoding: string, body: Buffer) => {
  const {origin} = await rawServer((socket) =>
    onRequests(socket, () => socket.write(ok(body, `Content-Encoding: ${encoding}\r\nX-Kept: 1\r\n`))),
  )
  return destinationTo(origin)
}

describe('fetch with decode', () => {
  test.each(Object.entries(ENCODED))('undoes %s', async (encoding, body) => {
    const reply = await (await serving(encoding, body)).fetch(GET, {decode: true})
    expect(reply.body.equals(PLAIN)).toBe(true)
    expect(reply.headers).toContain('X-Kept')
    if (encoding !== 'identity') expect(reply.headers.join()).not.toMatch(/content-(encoding|length)/i)
  })

  test('undoes two layers, last one first', async () => {
    const reply = await (await serving('gzip, br', brotliCompressSync(ENCODED.gzip!))).fetch(GET, {decode: true})
    expect(reply.body.equals(PLAIN)).toBe(true)
  })

  test('hands the bytes over as they came unless it is asked for', async () => {
    const reply = await (await serving('gzip', ENCODED.gzip!)).fetch(GET)
    expect(reply.body.equals(ENCODED.gzip!)).toBe(true)
    expect(reply.headers).toContain('Content-Encoding')
  })

  test('stops at the bound of the decoded body', async () => {
    const destination = await serving('gzip', gzipSync(Buffer.alloc(50_000_000)))
    const failure = await failureOf(destination.fetch(GET, {decode: true, maxBytes: 1_000_000}))
    expect(failure.failure).toBe('too_large')
  })

  test('names what cannot be decoded', async () => {
    for (const [encoding, body] of [
      ['gzip', Buffer.from('this is no gzip')],
      ['gzip', ENCODED.gzip!.subarray(0, 100)],
      ['zstd', Buffer.from('x')],
    ] as const) {
      const failure = await failureOf((await serving(encoding, body)).fetch(GET, {decode: true}))
      expect(failure.failure).toBe('undecodable')
      expect(failure.message).toContain(encoding)
    }
  })
})

describe('the streaming decoder', () => {
  const decode = (encoding: string, body: Buffer, maxBytes = 10_000_000, step = 777) =>
    new Promise<{how: string; body: Buffer}>((resolve) => {
      const chunks: Buffer[] = []
      const decoder = createBodyDecoder({
        headers: ['content-encoding', encoding],
        maxBytes,
        sink: {
          onData: (chunk) => void chunks.push(chunk),
          onEnd: () => resolve({how: 'end', body: Buffer.concat(chunks)}),
          onFailure: (failure) => resolve({how: failure, body: Buffer.concat(chunks)}),
        },
      })
      for (let at = 0; at < body.length; at += step) decoder?.write(body.subarray(at, at + step))
      decoder?.end()
    })

  test.each(Object.entries(ENCODED).filter(([encoding]) => encoding !== 'identity'))(
    'undoes %s piece by piece',
    async (encoding, body) => {
      const decoded = await decode(encoding, body)
      expect(decoded.how).toBe('end')
      expect(decoded.body.equals(PLAIN)).toBe(true)
    },
  )

  test('is none where nothing is encoded', () => {
    const sink = {onData() {}, onEnd() {}, onFailure() {}}
    expect(createBodyDecoder({headers: ['content-type', 'x'], maxBytes: 1, sink})).toBeNull()
    expect(createBodyDecoder({headers: ['Content-Encoding', 'identity'], maxBytes: 1, sink})).toBeNull()
  })

  test('stops at its bound, at broken and at unknown input, and ends an empty body', async () => {
    expect((await decode('gzip', gzipSync(Buffer.alloc(5_000_000)), 100_000)).how).toBe('too_large')
    expect((await decode('gzip', Buffer.from('no gzip at all'))).how).toBe('undecodable')
    expect((await decode('gzip', ENCODED.gzip!.subarray(0, 200))).how).toBe('undecodable')
    expect((await decode('zstd', Buffer.from('x'))).how).toBe('undecodable')
    expect((await decode('gzip', Buffer.alloc(0))).how).toBe('end')
  })
})
