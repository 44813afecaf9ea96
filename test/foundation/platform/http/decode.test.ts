import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync} from 'node:zlib'
import {beforeEach, describe, expect, test} from 'vitest'
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
