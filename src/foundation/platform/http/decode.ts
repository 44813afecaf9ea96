// Undoing content-encoding, bounded: a small compressed body must not become a large one unseen.

import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzip,
  inflate,
  inflateRaw,
} from 'node:zlib'
import {codeOf} from './classify.ts'
import type {RawHeaders} from './types.ts'

/** A body that was decoded, or why it cannot be. */
export type Decoded =
  | {readonly body: Buffer; readonly headers: RawHeaders}
  | {readonly body: null; readonly failure: 'too_large' | 'undecodable'; readonly detail: string}

/** Decodes a complete body by its content-encoding fields and takes these (and content-length) out of the headers. */
export async function decodeBody(options: {headers: RawHeaders; body: Buffer; maxBytes: number}): Promise<Decoded> {
  const {headers, maxBytes} = options
  let {body} = options
  const encodings = contentEncodings(headers)
  if (encodings.length === 0) return {body, headers}
  for (const encoding of encodings.toReversed()) {
    // HEAD, 204 and 304 carry the field without a body.
    if (body.length === 0) break
    try {
      body = await decodeOne(encoding, body, maxBytes)
    } catch (thrown) {
      const tooLarge = codeOf(thrown) === 'ERR_BUFFER_TOO_LARGE'
      const detail = tooLarge
        ? `more than ${maxBytes} bytes decoded`
        : `content-encoding ${encoding} ${codeOf(thrown)}`.trim()
      return {body: null, failure: tooLarge ? 'too_large' : 'undecodable', detail}
    }
  }
  return {body, headers: withoutEncoding(headers)}
}

/** Receives decoded pieces. Exactly one of `onEnd` and `onFailure` is called last. */
export interface DecodedSink {
  onData(chunk: Buffer): void
  onEnd(): void
  onFailure(failure: 'too_large' | 'undecodable', detail: string): void
}

/** A decoder fed piece by piece. */
export interface BodyDecoder {
  /** False when the source should pause until `onDrain`. */
  write(chunk: Buffer): boolean
  end(): void
  /** Gives up; the sink hears nothing more. */
  destroy(): void
}

/** What {@link createBodyDecoder} needs. */
export interface BodyDecoderOptions {
  readonly headers: RawHeaders
  /** Bound of the decoded body. */
  readonly maxBytes: number
  readonly onDrain?: () => void
  readonly sink: DecodedSink
}

/** A streaming decoder for a reply's content-encoding; null when the body is not encoded. */
export function createBodyDecoder({headers, maxBytes, onDrain, sink}: BodyDecoderOptions): BodyDecoder | null {
  const encodings = contentEncodings(headers)
  const [encoding] = encodings
  if (encoding === undefined) return null
  let over = false
  let size = 0
  let stream: ReturnType<typeof createGunzip> | null = null
  const fail = (failure: 'too_large' | 'undecodable', detail: string): void => {
    if (over) return
    over = true
    stream?.destroy()
    sink.onFailure(failure, detail)
  }
  const open = (first: number): ReturnType<typeof createGunzip> | null => {
    if (encodings.length > 1) return null
    const made = streamFor(encoding, first)
    made?.on('data', (chunk: Buffer) => {
      if (over) return
      size += chunk.length
      if (size > maxBytes) fail('too_large', `more than ${maxBytes} bytes decoded`)
      else sink.onData(chunk)
    })
    made?.once('end', () => {
      if (over) return
      over = true
      sink.onEnd()
    })
    made?.once('error', (error) => fail('undecodable', `content-encoding ${encoding} ${codeOf(error)}`.trim()))
    if (onDrain) made?.on('drain', onDrain)
    return made
  }
  return {
    write(chunk) {
      if (over || chunk.length === 0) return true
      stream ??= open(chunk[0]!)
      if (stream) return stream.write(chunk)
      fail('undecodable', `content-encoding ${encodings.join(', ')}`)
      return true
    },
    end() {
      if (over) return
      if (stream) {
        stream.end()
        return
      }
      over = true
      sink.onEnd()
    },
    destroy() {
      over = true
      stream?.destroy()
    },
  }
}

/** The encodings of a body, in the order in which they were applied; `identity` left out. */
function contentEncodings(headers: RawHeaders): string[] {
  const found: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'content-encoding') continue
    for (const one of headers[at + 1]!.split(',')) {
      const encoding = one.trim().toLowerCase()
      if (encoding !== '' && encoding !== 'identity') found.push(encoding)
    }
  }
  return found
}

function withoutEncoding(headers: RawHeaders): RawHeaders {
  const kept: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase()
    if (name !== 'content-encoding' && name !== 'content-length') kept.push(headers[at]!, headers[at + 1]!)
  }
  return kept
}

/** Some servers say deflate and send it without the zlib wrapper; its first byte tells. */
const isWrapped = (first: number): boolean => (first & 0x0f) === 0x08

function decodeOne(encoding: string, body: Buffer, maxOutputLength: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, decoded: Buffer): void => (error ? reject(error) : resolve(decoded))
    if (encoding === 'gzip' || encoding === 'x-gzip') gunzip(body, {maxOutputLength}, done)
    else if (encoding === 'br') brotliDecompress(body, {maxOutputLength}, done)
    else if (encoding === 'deflate') (isWrapped(body[0]!) ? inflate : inflateRaw)(body, {maxOutputLength}, done)
    else reject(new Error(encoding))
  })
}

function streamFor(encoding: string, first: number): ReturnType<typeof createGunzip> | null {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip()
  if (encoding === 'br') return createBrotliDecompress() as unknown as ReturnType<typeof createGunzip>
  if (encoding === 'deflate')
    return isWrapped(first) ? createInflate() : (createInflateRaw() as ReturnType<typeof createGunzip>)
  return null
}
