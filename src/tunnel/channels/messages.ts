// Cuts what a server sent into JSON-RPC messages: one, a batch, or several in a row. Garbage is reported, never thrown.

import {isUtf8} from 'node:buffer'
import {
  isArrayAt,
  isObjectAt,
  JsonScanError,
  memberOf,
  RpcInvalid,
  type RpcMessage,
  readRpcMessage,
  type Span,
  scanArray,
  skipSpace,
  skipValue,
  soleValue,
} from '../../foundation/wire/index.ts'
import type {CancelReason} from './channel.ts'

/** Receives the parts of {@link readMessages}, in order. */
export interface MessageVisitor {
  message(message: RpcMessage): void
  /** Bytes that are no JSON-RPC message. */
  garbage(bytes: Buffer, why: string): void
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** `buf` without surrounding white space and byte order mark. */
export function trimJson(buf: Buffer): Buffer {
  const start = skipSpace(buf, buf.subarray(0, 3).equals(BOM) ? 3 : 0)
  let end = buf.length
  while (end > start && isSpace(buf[end - 1]!)) end--
  return start === 0 && end === buf.length ? buf : buf.subarray(start, end)
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/**
 * `text` as UTF-8: each invalid sequence becomes U+FFFD, as the WHATWG Encoding Standard decodes it. Direct MCP clients read a
 * body that way, and the control plane refuses anything else. Valid bytes are returned as they are.
 */
export const wellFormed = (text: Buffer): Buffer => (isUtf8(text) ? text : Buffer.from(text.toString('utf8')))

/**
 * Visits every message in `buf`. White space and a byte order mark around them are dropped, and bytes that are not UTF-8 are
 * replaced; every other byte stays.
 */
export function readMessages(buf: Buffer, visitor: MessageVisitor): void {
  const trimmed = trimJson(buf)
  if (trimmed.length === 0) return
  // A server that floods us with lines of a log must not cost an exception for each.
  if (!isObjectAt(trimmed, 0) && !isArrayAt(trimmed, 0)) {
    visitor.garbage(trimmed, 'a JSON-RPC message is an object')
    return
  }
  const text = wellFormed(trimmed)
  // Nearly always it is one object: read it without looking for its end first.
  const sole = tryRead(text)
  if (!(sole instanceof RpcInvalid)) visitor.message(sole)
  else if (sole.code === -32600 && !isArrayAt(text, 0)) visitor.garbage(text, sole.message)
  else readSeveral(text, visitor)
}

function readSeveral(text: Buffer, visitor: MessageVisitor): void {
  for (let at = 0; at < text.length; ) {
    let end: number
    const elements: Span[] = []
    try {
      end = isArrayAt(text, at) ? scanArray(text, at, (span) => elements.push(span)) : skipValue(text, at)
    } catch (thrown) {
      if (!(thrown instanceof JsonScanError)) throw thrown
      visitor.garbage(text.subarray(at), thrown.message)
      return
    }
    const spans = isArrayAt(text, at) ? elements : [{start: at, end}]
    for (const span of spans) {
      const bytes = text.subarray(span.start, span.end)
      const message = tryRead(bytes)
      if (message instanceof RpcInvalid) visitor.garbage(bytes, message.message)
      else visitor.message(message)
    }
    at = skipSpace(text, end)
  }
}

function tryRead(bytes: Buffer): RpcMessage | RpcInvalid {
  try {
    return readRpcMessage(bytes)
  } catch (thrown) {
    if (thrown instanceof RpcInvalid) return thrown
    throw thrown
  }
}

const BROKEN_ANSWER = /^\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*(?:\}|,\s*"(?:result|error)"\s*:)/

/** The id that garbage answers, when it begins as an answer does, with an integer id; else null. */
export function brokenAnswerId(garbage: Buffer): number | null {
  // Lines of a log come by the hundred thousand.
  if (!isObjectAt(garbage, 0)) return null
  const id = BROKEN_ANSWER.exec(garbage.toString('latin1', 0, 100))?.[1]
  return id === undefined ? null : Number(id)
}

const BEGINS_AS_ANSWER = /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"(?:result|error)"\s*:/
const ENDS_WITH_ID =
  /[}\]"\w]\s*,\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/

/**
 * The id that a line answers of which only both ends are known (`tail` null: only the beginning), when it stands before or
 * after everything else, as all SDKs write it, and is an integer; else null.
 */
export function overlongAnswerId({head, tail}: {head: Buffer; tail: Buffer | null}): number | null {
  if (tail === null) return brokenAnswerId(head)
  if (!BEGINS_AS_ANSWER.test(head.toString('latin1'))) return null
  const id = ENDS_WITH_ID.exec(tail.toString('latin1'))?.[1]
  return id === undefined ? null : Number(id)
}

/** True when `buf` holds exactly one JSON value, as far as its envelope tells. */
export function isCompleteJson(buf: Buffer): boolean {
  try {
    soleValue(buf)
    return true
  } catch {
    return false
  }
}

const CANCEL_TEXT: Record<CancelReason, string> = {
  deadline: 'the deadline of the call has passed',
  ttl: 'the call has run too long',
  caller: 'the caller has cancelled',
  gone: 'the caller has gone',
  shutdown: 'the tunnel is stopping',
}

/** Tells a server that the answer to one of its calls is not wanted any more. `id` is the token it knows the call by. */
export const cancelNotice = (id: string, reason: CancelReason): Buffer =>
  Buffer.from(
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"${CANCEL_TEXT[reason]}"}}`,
  )

/** One message, an object, with this id token, whatever id it had or had not. Every other byte stays. */
export function withId(message: Buffer, id: string): Buffer {
  const span = memberOf(message, {start: 0, end: message.length}, 'id')
  if (span === null) return splice(message, [{span: {start: 1, end: 1}, bytes: `"id":${id},`}])
  return message.toString('utf8', span.start, span.end) === id ? message : splice(message, [{span, bytes: id}])
}

/** A piece of a message and what to put in its place. */
export interface Splice {
  readonly span: Span
  readonly bytes: string | Buffer
}

/** `buf` with some spans replaced; every other byte stays. Spans must not overlap. */
export function splice(buf: Buffer, splices: readonly Splice[]): Buffer {
  if (splices.length === 0) return buf
  const parts: Buffer[] = []
  let at = 0
  for (const {span, bytes} of splices.toSorted((a, b) => a.span.start - b.span.start)) {
    parts.push(buf.subarray(at, span.start), typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    at = span.end
  }
  parts.push(buf.subarray(at))
  return Buffer.concat(parts)
}
