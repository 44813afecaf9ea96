// What MCP says in the members of a message and a relay has to know: progress tokens, subscriptions, and which request a
// cancellation is about. Of a message only the outermost object has been scanned: what is broken further in is not found,
// because whoever wrote it must not be able to throw at us.

import {isObjectAt, JsonScanError, memberOf, type Span} from './json-scan.ts'
import {isIdToken, type RpcMessage} from './rpc-message.ts'

/** The value of `params.<key>`, or null. */
export const paramOf = ({raw, params}: RpcMessage, key: string): Span | null => memberIn(raw, params, key)

/** The value of `params._meta.<key>`, or null. */
export const metaMember = (message: RpcMessage, key: string): Span | null =>
  memberIn(message.raw, paramOf(message, '_meta'), key)

/** The value of `result._meta.<key>` of a response, or null. */
export function resultMeta({raw}: RpcMessage, key: string): Span | null {
  const result = memberIn(raw, {start: 0, end: raw.length}, 'result')
  return memberIn(raw, memberIn(raw, result, '_meta'), key)
}

/** `params.requestId` of a `notifications/cancelled`: where it stands, and the id token; null when it can be no id. */
export function cancelledRequest(cancellation: RpcMessage): {readonly span: Span; readonly token: string} | null {
  const span = paramOf(cancellation, 'requestId')
  if (span === null) return null
  const token = cancellation.raw.toString('utf8', span.start, span.end)
  return isIdToken(token) ? {span, token} : null
}

/** Null too for what is no object, or a broken one. */
function memberIn(raw: Buffer, object: Span | null, key: string): Span | null {
  if (object === null || !isObjectAt(raw, object.start)) return null
  try {
    return memberOf(raw, object, key)
  } catch (thrown) {
    if (thrown instanceof JsonScanError) return null
    throw thrown
  }
}
