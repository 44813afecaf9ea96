// Reads request bodies whole, within a limit, and unpacks what was compressed.

import type {IncomingMessage} from 'node:http'
import type {Transform} from 'node:stream'
import {createBrotliDecompress, createGunzip, createInflate} from 'node:zlib'
import {BodyCollector} from '../../foundation/platform/index.ts'
import {ApiError} from './api-error.ts'

/** Less per turn means many small pieces. */
const PIECE = {chunkSize: 64 * 1024}

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(PIECE),
  'x-gzip': () => createGunzip(PIECE),
  deflate: () => createInflate(PIECE),
  br: () => createBrotliDecompress(PIECE),
}

/** What is set aside on the word of somebody who may never send it. */
const AHEAD = 1024 * 1024

/** The connection ended before the body did: nobody is left to answer. */
export class BodyAborted extends Error {
  override readonly name = 'BodyAborted'
}

/** Bounds of {@link readBody}. */
export interface BodyLimits {
  /** Before and after unpacking. */
  readonly maxBytes: number
  /** Told of each piece that arrives, and of each that is unpacked; what it throws ends the reading. */
  readonly onBytes?: (bytes: number) => void
}

/** Reads the body. Rejects with {@link ApiError} 413, 415 or 400, with {@link BodyAborted}, or as `onBytes` throws. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return collect(request, limits)
  const unpacker = Object.hasOwn(UNPACKERS, encoding) ? UNPACKERS[encoding] : undefined
  if (!unpacker) {
    throw new ApiError(
      'unsupported_content_encoding',
      `the content encoding ${JSON.stringify(encoding)} is not supported`,
    )
  }
  const packed = await collect(request, limits)
  try {
    return await unpack(unpacker(), packed, limits)
  } catch (thrown) {
    if (thrown instanceof ApiError) throw thrown
    throw new ApiError('invalid_json_payload', `the body is not valid ${encoding}`)
  }
}

/** Piece by piece: a few kilobytes become many megabytes, and many such bodies are unpacked side by side. */
async function unpack(unpacker: Transform, packed: Buffer, {maxBytes, onBytes}: BodyLimits): Promise<Buffer> {
  const body = new BodyCollector(0, {ahead: 0})
  unpacker.end(packed)
  for await (const piece of unpacker as AsyncIterable<Buffer>) {
    if (body.length + piece.length > maxBytes) throw tooLarge(maxBytes)
    onBytes?.(piece.length)
    body.push(piece)
  }
  return body.take()
}

/** The announced length of the body; 0 when it is not announced. */
export const announcedLength = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0)

function collect(request: IncomingMessage, {maxBytes, onBytes}: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (announcedLength(request) > maxBytes) {
      reject(tooLarge(maxBytes))
      return
    }
    const body = new BodyCollector(announcedLength(request), {ahead: AHEAD})
    // Listeners stay: what still comes of a refused body is read and dropped, so that the client can read the refusal.
    let refused = false
    request.on('data', (chunk: Buffer) => {
      if (refused) return
      try {
        if (body.length + chunk.length > maxBytes) throw tooLarge(maxBytes)
        onBytes?.(chunk.length)
        body.push(chunk)
      } catch (thrown) {
        refused = true
        body.clear()
        reject(thrown)
      }
    })
    request.on('end', () => resolve(body.take()))
    request.on('close', () => {
      if (!request.complete) reject(new BodyAborted('the connection ended before the body'))
    })
  })
}

const tooLarge = (maxBytes: number): ApiError =>
  new ApiError('request_body_too_large', `the body is larger than ${maxBytes / 1024 / 1024} MiB`)
