// Undoes the Content-Encoding of an answer, streaming: servers behind compressing proxies do compress unasked. What has
// arrived is decoded, also when its end has not: an encoding that breaks off is no error, what it holds may be whole.

import * as zlib from 'node:zlib'

/** Where decoded bytes go. Exactly one of `end` and `error` comes last. */
export interface DecodedSink {
  data(chunk: Buffer): void
  end(): void
  error(message: string): void
  /** One of the above threw outside of a call to {@link Decoder}. */
  onDefect(thrown: unknown): void
}

/** Takes encoded bytes. */
export interface Decoder {
  write(chunk: Buffer): void
  /** No more of them come. Everything that they hold goes to the sink, then `end`: soon, not at once. */
  end(): void
  /** Forgets everything; the sink is not called any more. */
  destroy(): void
}

type Stream = zlib.Unzip | zlib.InflateRaw | zlib.BrotliDecompress

/** The decoder of what was encoded so, in lower case, or null when that is not understood. */
export function createDecoder([name = '', ...more]: readonly string[], sink: DecodedSink): Decoder | null {
  const open = OPENERS[name]
  if (open === undefined || more.length > 0) return null
  let stream: Stream | null = null
  const begin = (first: number): Stream => {
    const begun = open(first)
    begun.on(
      'data',
      contained(sink, (chunk: Buffer) => sink.data(chunk)),
    )
    begun.on(
      'end',
      contained(sink, () => sink.end()),
    )
    begun.on(
      'error',
      contained(sink, (error: Error) => sink.error(`the ${name} content encoding is broken: ${error.message}`)),
    )
    return begun
  }
  return {
    write: (chunk) => {
      if (chunk.length === 0) return
      stream ??= begin(chunk[0]!)
      stream.write(chunk)
    },
    end: () => {
      if (stream === null) sink.end()
      else stream.end()
    },
    destroy: () => {
      if (stream === null) return
      stream.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
      stream.on('error', () => {})
      stream.destroy()
    },
  }
}

/** These streams call back on their own: nobody above them could catch what is thrown. */
const contained =
  <A extends unknown[]>(sink: DecodedSink, listen: (...args: A) => void) =>
  (...args: A): void => {
    try {
      listen(...args)
    } catch (thrown) {
      sink.onDefect(thrown)
    }
  }

// Flushing at every chunk, or events would wait in the decoder; and at the end, or a missing trailer would be an error.
const {Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH} = zlib.constants
const ZLIB = {flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH}
const BROTLI = {flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH}
/** `ZSTD_e_flush`. */
const ZSTD = {flush: 1, finishFlush: 1}
/** From Node 22.15 on. */
const {createZstdDecompress} = zlib as {createZstdDecompress?: (options: object) => Stream}

/** By encoding, from the first byte: `deflate` comes with and without the wrapper that it should have. */
const OPENERS: Readonly<Record<string, (first: number) => Stream>> = {
  gzip: () => zlib.createUnzip(ZLIB),
  'x-gzip': () => zlib.createUnzip(ZLIB),
  deflate: (first) => ((first & 0x0f) === 8 ? zlib.createUnzip(ZLIB) : zlib.createInflateRaw(ZLIB)),
  br: () => zlib.createBrotliDecompress(BROTLI),
  ...(createZstdDecompress && {zstd: () => createZstdDecompress(ZSTD)}),
}
