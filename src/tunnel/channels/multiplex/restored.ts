// The way back of an answer: the caller's own id stands where the internal one was, every other byte is the server's.

import type {RpcMessage} from '../../../foundation/wire/index.ts'
import {type Splice, splice} from '../messages.ts'
import type {OpenCall} from './call-table.ts'
import {internalAt, resultMeta, SUBSCRIPTION_ID} from './rewrite.ts'

/** The answer with the caller's own bytes where the internal id stood. */
export function restored(message: RpcMessage, call: OpenCall): Buffer {
  const token = call.message.id!
  const splices: Splice[] = message.idSpan === null ? [] : [{span: message.idSpan, bytes: token}]
  if (call.message.method === 'subscriptions/listen') {
    const span = resultMeta(message, SUBSCRIPTION_ID)
    if (span !== null && internalAt(message.raw, span) === call.internal) splices.push({span, bytes: token})
  }
  if (message.idSpan === null) return withId(message.raw, token)
  return splice(message.raw, splices)
}

/** For an error whose id is null or missing. */
function withId(raw: Buffer, token: string): Buffer {
  const error = JSON.parse(raw.toString('utf8')) as {error: unknown}
  return Buffer.from(`{"jsonrpc":"2.0","id":${token},"error":${JSON.stringify(error.error)}}`)
}
