// What is changed in a message that shares a pipe with those of other callers: three value spans, and line breaks between
// tokens. Every other byte crosses as it came.

import {isObjectAt, memberOf, metaMember, type RpcMessage, type Span} from '../../../foundation/wire/index.ts'
import {type Splice, splice} from '../messages.ts'

/** Names the request that a 2026-07-28 subscription belongs to: its value is that request's id. */
export const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId'

const LF = 0x0a
const CR = 0x0d
const BLANK = 0x20

/** A request on its way down: its id and its progress token, where it has one, become the internal id. */
export function requestDown(message: RpcMessage, internal: number): Buffer {
  const bytes = String(internal)
  const splices: Splice[] = [{span: message.idSpan!, bytes}]
  const token = metaMember(message, 'progressToken')
  if (token !== null) splices.push({span: token, bytes})
  return oneLine(splice(message.raw, splices))
}

/** A notification on its way down; `requestId` of a cancellation becomes the internal id. */
export function notificationDown(message: RpcMessage, requestId?: {span: Span; internal: number}): Buffer {
  const splices = requestId === undefined ? [] : [{span: requestId.span, bytes: String(requestId.internal)}]
  return oneLine(splice(message.raw, splices))
}

/** A caller's answer to the server, with the server's own id bytes. */
export function answerDown({raw, idSpan}: RpcMessage, id: string): Buffer {
  return oneLine(splice(raw, idSpan === null ? [] : [{span: idSpan, bytes: id}]))
}

/** The bytes of the caller's progress token, or null. */
export function progressTokenOf(message: RpcMessage): Buffer | null {
  const token = metaMember(message, 'progressToken')
  return token === null ? null : Buffer.from(message.raw.subarray(token.start, token.end))
}

/** The value of `params.<key>`, or null. */
export function paramOf({raw, params}: RpcMessage, key: string): Span | null {
  return params === null || !isObjectAt(raw, params.start) ? null : memberOf(raw, params, key)
}

/** The value of `result._meta.<key>` of a response, or null. */
export function resultMeta({raw}: RpcMessage, key: string): Span | null {
  let at: Span | null = {start: 0, end: raw.length}
  for (const name of ['result', '_meta', key]) {
    if (at === null || !isObjectAt(raw, at.start)) return null
    at = memberOf(raw, at, name)
  }
  return at
}

/** The internal id that a token of the server stands for, or null when it is no integer. */
export function internalAt(raw: Buffer, span: Span): number | null {
  const token = raw.toString('latin1', span.start, span.end).replace(/^"(.*)"$/, '$1')
  const value = Number(token)
  return token !== '' && Number.isSafeInteger(value) ? value : null
}

/**
 * Raw line breaks end a message on a pipe. Between tokens a blank means the same; inside a string they are not allowed,
 * and one that got here anyway must not let its sender write a line of his own.
 */
function oneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(LF) && !bytes.includes(CR)) return bytes
  const copy = Buffer.from(bytes)
  for (let i = 0; i < copy.length; i++) if (copy[i] === LF || copy[i] === CR) copy[i] = BLANK
  return copy
}
