// Undoes the Content-Encoding of an answer, streaming: servers behind compressing proxies do compress unasked.

import {constants, createBrotliDecompress, createInflate, createUnzip} from 'node:zlib'

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
  end(): void
  /** Forgets everything; the sink is not called any more. */
  destroy(): void
}

/** The decoder of a `Content-Encoding` value, or null when that is not understood. No encoding: bytes pass as they are. */
export function createDecoder(encoding: string | null, sink: DecodedSink): Decoder | null {
  const name = encoding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity')
    return {write: (chunk) => sink.data(chunk), end: () => sink.end(), destroy: () => {}}
  const stream = openStream(name)
  if (stream === null) return null
  stream.on(
    'data',
    contained(sink, (chunk: Buffer) => sink.data(chunk)),
  )
  stream.on(
    'end',
    contained(sink, () => sink.end()),
  )
  stream.on('error', (error) => sink.error(`the ${name} content encoding is broken: ${error.message}`))
  return {
    write: (chunk) => {
      stream.write(chunk)
    },
    end: () => {
      stream.end()
    },
    destroy: () => {
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

function openStream(name: string) {
  // Flushing at every chunk, or events would wait in the decoder.
  const flush = {flush: constants.Z_SYNC_FLUSH}
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return createUnzip(flush)
    case 'deflate':
      return createInflate(flush)
    case 'br':
      return createBrotliDecompress({flush: constants.BROTLI_OPERATION_FLUSH})
    default:
      return null
  }
}
