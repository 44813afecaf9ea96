// Undoing content-encoding, bounded: a small compressed body must not become a large one unseen.

import {brotliDecompress, gunzip, inflate, inflateRaw} from 'node:zlib'
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

/** The encodings of a body, in the order in which they were applied; `identity` left out. */
export function contentEncodings(headers: RawHeaders): string[] {
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
