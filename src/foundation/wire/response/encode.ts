// Builds the envelope of an answer around the server's own bytes: no payload is parsed, copied into a string or re-encoded.

import {encodeHeaderMember} from './headers.ts'

/** `resp_type`. Everything but `jsonrpc_notify` ends the command. */
export type ResponseType =
  | 'jsonrpc_response'
  | 'jsonrpc_notify'
  | 'notify_ack'
  | 'session_termination_response'
  | 'oauth_discovery_response'

/** One answer before it is encoded. */
export interface ResponseParts {
  readonly requestId: string
  readonly channel: string
  /** The JSON value itself. Must be null for `notify_ack` and `session_termination_response`. */
  readonly payload: Buffer | null
  /** Name, value, …: already chosen and spelled, see `responseHeaders`. */
  readonly headers: readonly string[]
  readonly status: number
  readonly type: ResponseType
}

/** Answers up to this size leave as one buffer; copying them is cheaper than a second write. */
const JOIN_BELOW = 64 * 1024

/** A service refuses every other `resp_code`, and the answer with it; servers do answer with 999. */
const wireStatus = (status: number): number => (status >= 100 && status <= 599 ? status : 502)

/**
 * The body of a `POST …/response`. Members in the reference's order: request_id, channel, resp_json, resp_headers,
 * resp_code, resp_type; empty ones are left out, an explicit null never appears.
 */
export function encodeResponse(parts: ResponseParts): Buffer[] {
  const {payload} = parts
  const head = `{"request_id":${JSON.stringify(parts.requestId)},"channel":${JSON.stringify(parts.channel)}`
  const tail = `${encodeHeaderMember(parts.headers)},"resp_code":${wireStatus(parts.status)},"resp_type":"${parts.type}"}`
  if (payload === null) return [Buffer.from(head + tail)]
  const open = `${head},"resp_json":`
  if (payload.length >= JOIN_BELOW) return [Buffer.from(open), payload, Buffer.from(tail)]
  const openBytes = Buffer.byteLength(open)
  const whole = Buffer.allocUnsafe(openBytes + payload.length + Buffer.byteLength(tail))
  whole.write(open, 0)
  payload.copy(whole, openBytes)
  whole.write(tail, openBytes + payload.length)
  return [whole]
}
