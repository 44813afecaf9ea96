// The convenient path: a whole reply in memory, bounded, with a Promise and a signal.

import {FAILURES} from '../../errors/index.ts'
import {decodeBody} from './decode.ts'
import {HttpFailureError} from './failure-error.ts'
import type {FetchOptions, HttpDestination, HttpFailure, HttpReply, HttpRequest, RawHeaders} from './types.ts'

const MAX_BYTES = 64 * 1024 * 1024

/** See {@link HttpDestination.fetch}. */
export async function fetchReply(
  destination: HttpDestination,
  request: HttpRequest,
  options: FetchOptions = {},
): Promise<HttpReply> {
  const {maxBytes = MAX_BYTES, decode = false} = options
  const reply = await buffered(destination, request, {...options, maxBytes})
  if (!decode) return reply
  const decoded = await decodeBody({headers: reply.headers, body: reply.body, maxBytes})
  if (decoded.body) return {...reply, headers: decoded.headers, body: decoded.body}
  throw refusal(destination, decoded.failure, decoded.detail)
}

function buffered(
  destination: HttpDestination,
  request: HttpRequest,
  {maxBytes, signal, onInterim, onSent}: FetchOptions & {maxBytes: number},
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let head: {status: number; headers: RawHeaders; receivedAt: number} | null = null
    let refused: HttpFailure | null = null
    const done = (): void => signal?.removeEventListener('abort', abort)
    const handle = destination.stream(request, {
      ...(onInterim ? {onInterim} : {}),
      ...(onSent ? {onSent} : {}),
      onHead(status, headers, receivedAt) {
        head = {status, headers, receivedAt}
      },
      onData(chunk) {
        size += chunk.length
        if (size > maxBytes && !refused) {
          refused = refusal(destination, 'too_large', `more than ${maxBytes} bytes`)
          handle.abort()
        } else if (!refused) {
          chunks.push(chunk)
        }
      },
      onEnd() {
        done()
        resolve({...head!, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)})
      },
      onFailure(failure) {
        done()
        reject(refused ?? new HttpFailureError(failure))
      },
    })
    const abort = (): void => handle.abort()
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, {once: true})
  })
}

function refusal(destination: HttpDestination, failure: 'too_large' | 'undecodable', detail: string): HttpFailureError {
  return new HttpFailureError({
    failure,
    message: `${destination.spec.origin.origin}: ${FAILURES[failure].title} (${detail})`,
    unsent: false,
    trace: destination.trace(),
  })
}
