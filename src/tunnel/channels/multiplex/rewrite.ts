// What is changed in a message that shares a pipe with those of other callers: the value spans that hold an id or a token,
// down and back, and line breaks between tokens. Every other byte crosses as it came.

import {memberOf, metaMember, type RpcMessage, resultMeta, type Span} from '../../../foundation/wire/index.ts'
import {type Splice, splice} from '../messages.ts'
import type {OpenCall} from './call-table.ts'

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

/** An answer on its way up, with the caller's own bytes where the internal id stood. */
export function answerUp(message: RpcMessage, call: OpenCall): Buffer {
  const token = call.message.id!
  if (message.idSpan === null) return errorWithId(message.raw, token)
  const splices: Splice[] = [{span: message.idSpan, bytes: token}]
  if (call.message.method === 'subscriptions/listen') {
    const span = resultMeta(message, SUBSCRIPTION_ID)
    if (span !== null && internalAt(message.raw, span) === call.internal) splices.push({span, bytes: token})
  }
  return splice(message.raw, splices)
}

/** For an error whose id is null or missing. */
function errorWithId(raw: Buffer, token: string): Buffer {
  const {start, end} = memberOf(raw, {start: 0, end: raw.length}, 'error')!
  return Buffer.from(`{"jsonrpc":"2.0","id":${token},"error":${raw.toString('utf8', start, end)}}`)
}

/** The bytes of the caller's progress token, or null. */
export function progressTokenOf(message: RpcMessage): Buffer | null {
  const token = metaMember(message, 'progressToken')
  return token === null ? null : Buffer.from(message.raw.subarray(token.start, token.end))
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
