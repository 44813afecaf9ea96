// Reads what a daemon posts to /response: the contract's members and no others, and the payload stays the bytes it was.

import {isUtf8} from 'node:buffer'
import {
  isObjectAt,
  isStringAt,
  JsonScanError,
  normalizeChannel,
  type ResponseType,
  type Span,
  scanObject,
  skipSpace,
  stringAt,
  withoutByteOrderMark,
} from '../../../foundation/wire/index.ts'
import {ApiError} from '../api-error.ts'

/** One post of a daemon. */
export interface ResponsePayload {
  readonly requestId: string
  readonly type: ResponseType
  /** As the daemon gave it, 100 to 599. */
  readonly code: number
  /** Name and values, in the daemon's order. */
  readonly headers: readonly (readonly [string, readonly string[]])[]
  /** The bytes of `resp_json`, a view into the request's body. */
  readonly json: Buffer | null
}

/** Whether a post has resp_json. A notification without one opens a session stream, see {@link assertFits}. */
const TYPES: Readonly<Record<ResponseType, 'required' | 'forbidden' | 'optional'>> = {
  jsonrpc_response: 'required',
  jsonrpc_notify: 'optional',
  notify_ack: 'forbidden',
  session_termination_response: 'forbidden',
  oauth_discovery_response: 'required',
}

/** Throws {@link ApiError} 400 for a notification without a message, except for a session stream: its head is here. */
export function assertFits({type, json}: ResponsePayload, command: {readonly type: string}): void {
  if (type === 'jsonrpc_notify' && json === null && command.type !== 'session_stream') {
    throw refuse(`${type} needs resp_json`, 'resp_json')
  }
}

const MEMBERS = ['request_id', 'channel', 'resp_json', 'resp_headers', 'resp_code', 'resp_type'] as const
type Member = (typeof MEMBERS)[number]

/** Reads one post. Throws {@link ApiError} 400 `invalid_response_payload` that names the member at fault. */
export function readResponsePayload(posted: Buffer): ResponsePayload {
  const body = withoutByteOrderMark(posted)
  const spans = membersOf(body)
  const text = (name: Member): string | null => {
    const span = spans.get(name)
    if (!span || isNull(body, span)) return null
    if (!isStringAt(body, span.start)) throw refuse(`${name} is not a string`, name)
    try {
      return stringAt(body, span)
    } catch (thrown) {
      if (thrown instanceof JsonScanError) throw refuse(`${name} is not JSON: ${thrown.message}`, name)
      throw thrown
    }
  }
  const requestId = text('request_id')
  if (!requestId) throw refuse('missing request_id', 'request_id')
  const channel = text('channel')
  if (channel !== null && normalizeChannel(channel) === null) {
    throw new ApiError('invalid_channel_format', 'channel has characters that channel names cannot have', {
      param: 'channel',
    })
  }
  const type = (text('resp_type') ?? 'jsonrpc_response') as ResponseType
  if (!Object.hasOwn(TYPES, type)) throw refuse('resp_type is none of the known types', 'resp_type')
  const json = jsonOf(body, spans.get('resp_json'))
  if (TYPES[type] === 'required' && json === null) throw refuse(`${type} needs resp_json`, 'resp_json')
  if (TYPES[type] === 'forbidden' && json !== null) throw refuse(`${type} has no resp_json`, 'resp_json')
  const headers = headersOf(body, spans.get('resp_headers'))
  return {requestId, type, code: codeOf(body, spans.get('resp_code')), headers, json}
}

function membersOf(body: Buffer): Map<Member, Span> {
  if (!isUtf8(body)) throw refuse('the body is not UTF-8')
  const spans = new Map<Member, Span>()
  try {
    const start = skipSpace(body, 0)
    if (!isObjectAt(body, start)) throw refuse('the body is not a JSON object')
    const end = scanObject(body, start, (key, span) => {
      if (!MEMBERS.includes(key as Member))
        throw refuse(`unknown member ${JSON.stringify(key.slice(0, 64))}`, key.slice(0, 64))
      if (spans.has(key as Member)) throw refuse(`${key} appears twice`, key)
      spans.set(key as Member, span)
    })
    if (skipSpace(body, end) !== body.length) throw refuse('bytes follow the JSON object')
  } catch (thrown) {
    if (thrown instanceof JsonScanError) throw refuse(`the body is not JSON: ${thrown.message}`)
    throw thrown
  }
  return spans
}

function jsonOf(body: Buffer, span: Span | undefined): Buffer | null {
  if (!span || isNull(body, span)) return null
  if (!isObjectAt(body, span.start)) throw refuse('resp_json is not an object', 'resp_json')
  return body.subarray(span.start, span.end)
}

function codeOf(body: Buffer, span: Span | undefined): number {
  const token = span ? body.toString('latin1', span.start, span.end) : ''
  const code = /^\d{1,3}$/.test(token) ? Number(token) : 0
  if (code < 100 || code > 599) throw refuse('resp_code is no HTTP status', 'resp_code')
  return code
}

function headersOf(body: Buffer, span: Span | undefined): readonly (readonly [string, readonly string[]])[] {
  if (!span || isNull(body, span)) return []
  const problem = (): ApiError => refuse('resp_headers is not an object of lists of strings', 'resp_headers')
  if (!isObjectAt(body, span.start)) throw problem()
  let parsed: Record<string, unknown>
  try {
    parsed = JSON.parse(body.toString('utf8', span.start, span.end)) as Record<string, unknown>
  } catch {
    throw problem()
  }
  const entries = Object.entries(parsed)
  for (const [, values] of entries) {
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string')) throw problem()
  }
  return entries as [string, string[]][]
}

const isNull = (body: Buffer, span: Span): boolean => span.end - span.start === 4 && body[span.start] === 0x6e

const refuse = (message: string, param?: string): ApiError =>
  new ApiError('invalid_response_payload', `invalid response payload: ${message}`, param === undefined ? {} : {param})
