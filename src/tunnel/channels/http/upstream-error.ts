// Decides what of a non-2xx body reaches the caller: the server's own JSON-RPC error, or the reason why not and its words.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {
  headerOf,
  headerText,
  isObjectAt,
  type TunnelFailureKind,
  type UpstreamBody,
} from '../../../foundation/wire/index.ts'
import {trimJson, wellFormed, withId} from '../messages.ts'

/** Bytes of a body that is no JSON-RPC error that go up: a page of a gateway says at its beginning what it is. */
const MAX_TEXT_BYTES = 4096
/** Types of text that a person can read. */
const TEXT = /^(?:text\/|application\/(?:json|xml|problem\b)|[\w.-]+\/[\w.-]+\+(?:json|xml)\b|$)/i

/** Either the error to pass on, or why the body is not one, and its text. */
export type UpstreamErrorBody =
  | {readonly preserved: Buffer}
  | {readonly kind: TunnelFailureKind; readonly body?: UpstreamBody}

/**
 * Reads the body of a refused call. A JSON-RPC error crosses as it is, with the id of the call: that is the only one it can be
 * about, and SDK servers write null, nothing or "server-error" there.
 */
export function readUpstreamError(body: Buffer, id: string, headers: RawHeaders): UpstreamErrorBody {
  const text = wellFormed(trimJson(body))
  if (text.length === 0) return {kind: 'response_body_missing'}
  let parsed: unknown
  try {
    parsed = JSON.parse(text.toString('utf8'))
  } catch {
    return {kind: 'malformed_json', ...textOf(text, headers)}
  }
  if (!isJsonRpcError(parsed) || !isObjectAt(text, 0)) return {kind: 'invalid_mcp_error', ...textOf(text, headers)}
  return {preserved: withId(text, id)}
}

function textOf(text: Buffer, headers: RawHeaders): {body?: UpstreamBody} {
  const contentType = headerText(headerOf(headers, 'content-type') ?? '')
  if (!TEXT.test(contentType.trim())) return {}
  const isCut = text.length > MAX_TEXT_BYTES
  // A character that is cut in two would decode to U+FFFD.
  const cut = isCut ? text.toString('utf8', 0, MAX_TEXT_BYTES).replace(/\ufffd$/, '') : text.toString('utf8')
  return {body: {contentType, text: cut, isCut}}
}

function isJsonRpcError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const {jsonrpc, error, ...rest} = value as Record<string, unknown>
  if (jsonrpc !== '2.0' || 'method' in rest || 'result' in rest) return false
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return false
  const {code, message} = error as Record<string, unknown>
  return Number.isInteger(code) && typeof message === 'string'
}
