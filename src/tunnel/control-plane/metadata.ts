// Reads the tunnel's own record; unknown members are ignored.

import {headerOf, withoutByteOrderMark} from '../../foundation/wire/index.ts'
import {refusedStatus} from './errors/api-error.ts'
import type {ExchangeResult} from './exchange.ts'
import {noAnswer} from './poll.ts'
import type {MetadataOutcome, TunnelMetadata} from './types.ts'

/** The metadata of a 2xx body, or null when it is none. Missing names are empty texts. */
export function readMetadata(body: Buffer): TunnelMetadata | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(withoutByteOrderMark(body).toString('utf8'))
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null) return null
  const {id, name, description} = parsed as Record<string, unknown>
  if (typeof id !== 'string') return null
  return {
    id,
    name: typeof name === 'string' ? name : '',
    description: typeof description === 'string' ? description : '',
  }
}

/** The outcome of the metadata request. `wallNow` is milliseconds since the epoch. */
export function readMetadataResult(result: ExchangeResult, latencyMs: number, wallNow: number): MetadataOutcome {
  if (!('reply' in result)) {
    const {failure, timedOut} = result
    return {
      kind: 'failed',
      failure: noAnswer(failure.failure, `metadata: ${failure.message}`, failure, timedOut),
      latencyMs,
    }
  }
  const {status, headers, body, cut} = result.reply
  const failed = (failure: Parameters<typeof noAnswer>[0], message: string): MetadataOutcome => ({
    kind: 'failed',
    failure: {...noAnswer(failure, `metadata: ${message}`, cut), status},
    latencyMs,
  })
  if (status < 200 || status > 299) {
    const what = 'metadata'
    return {kind: 'failed', failure: refusedStatus({what, status, headers, body, wallNow}), latencyMs}
  }
  if (/^\s*text\/html/i.test(headerOf(headers, 'content-type') ?? '')) {
    return failed('captive_portal', 'a web page answered instead of the service')
  }
  if (cut !== null) return failed(cut.failure, cut.message)
  const read = readMetadata(body)
  return read === null
    ? failed('wrong_base_url', 'the answer is no tunnel record')
    : {kind: 'ok', metadata: read, latencyMs}
}
