// Decides what of a non-2xx body reaches the caller: the server's own JSON-RPC error, or only the reason why not.

import {isObjectAt, type TunnelFailureKind} from '../../../foundation/wire/index.ts'
import {trimJson, wellFormed, withId} from '../messages.ts'

/** Either the error to pass on, or why the body is not usable. */
export type UpstreamErrorBody = {readonly preserved: Buffer} | {readonly kind: TunnelFailureKind}

/**
 * Reads the body of a refused call. A JSON-RPC error crosses as it is, with the id of the call: that is the only one it can be
 * about, and SDK servers write null, nothing or "server-error" there.
 */
export function readUpstreamError(body: Buffer, id: string): UpstreamErrorBody {
  const text = wellFormed(trimJson(body))
  if (text.length === 0) return {kind: 'response_body_missing'}
  let parsed: unknown
  try {
    parsed = JSON.parse(text.toString('utf8'))
  } catch {
    return {kind: 'malformed_json'}
  }
  if (!isJsonRpcError(parsed) || !isObjectAt(text, 0)) return {kind: 'invalid_mcp_error'}
  return {preserved: withId(text, id)}
}

function isJsonRpcError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const {jsonrpc, error, ...rest} = value as Record<string, unknown>
  if (jsonrpc !== '2.0' || 'method' in rest || 'result' in rest) return false
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return false
  const {code, message} = error as Record<string, unknown>
  return Number.isInteger(code) && typeof message === 'string'
}
