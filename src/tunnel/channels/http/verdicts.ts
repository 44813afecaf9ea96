// Names what is wrong with a reply that holds no answer. The reference says `client_internal` to most of these.

import type {HttpFailure, RawHeaders} from '../../../foundation/platform/index.ts'
import type {ChannelFailure, UpstreamHead} from '../channel.ts'
import {channelFailure, lossKind} from '../failures.ts'
import type {Oddity} from './answer.ts'
import type {UpstreamErrorBody} from './upstream-error.ts'

/** The server refused with a status outside 2xx. */
export function refused({status, headers}: UpstreamHead, body: UpstreamErrorBody): ChannelFailure {
  const responded = status >= 400 && status <= 599
  const redirects = status >= 300 && status <= 399 && status !== 304
  return {
    failure: status === 401 ? 'mcp_auth' : redirects ? 'redirected' : 'mcp_status',
    source: responded ? 'target_http' : 'protocol',
    kind: 'kind' in body ? body.kind : 'http_status',
    status,
    upstreamResponded: responded,
    headers,
    message: `the MCP server answered with status ${status}`,
    ...('preserved' in body ? {preserved: body.preserved} : body.body === undefined ? {} : {body: body.body}),
  }
}

/** 202, 204 or another success that cannot hold an answer to a call. */
export const noMessage = ({status, headers}: UpstreamHead): ChannelFailure =>
  channelFailure({
    failure: 'mcp_no_answer',
    headers,
    message: `the MCP server answered a call with status ${status} and no message`,
  })

/** A content type that MCP does not know. */
export const wrongType = ({headers}: UpstreamHead, type: string): ChannelFailure =>
  channelFailure({
    failure: 'mcp_content_type',
    headers,
    message: `the MCP server answered with content type ${JSON.stringify(type.slice(0, 80))}`,
  })

/** An answer over our limit. */
export const tooLarge = ({headers}: UpstreamHead, limit: number): ChannelFailure =>
  channelFailure({failure: 'too_large', headers, message: `the MCP server's answer is larger than ${limit} bytes`})

/** A body that could not be decoded. */
export const unreadable = ({headers}: UpstreamHead, message: string): ChannelFailure =>
  channelFailure({failure: 'undecodable', headers, message})

/** What was seen of a reply that ended without the answer. */
export interface Unanswered {
  readonly headers: RawHeaders
  readonly oddity: Oddity
  readonly form: 'stream' | 'json' | 'empty'
  /** What ended a stream, when it was not its server. */
  readonly cause: HttpFailure | undefined
}

/** The reply is over and the answer was not in it. */
export function unanswered({headers, oddity, form, cause}: Unanswered): ChannelFailure {
  // A lost connection says more than what came before it.
  if (cause !== undefined) return lost(headers, cause)
  if (oddity === 'foreign') {
    const message = 'the MCP server answered another id than that of the call'
    return channelFailure({failure: 'mcp_no_answer', kind: 'invalid_protocol_response', headers, message})
  }
  if (oddity === 'garbage') {
    const message = 'the MCP server answered something that is no JSON-RPC message'
    return channelFailure({failure: 'mcp_not_json', headers, message})
  }
  if (form === 'stream') {
    const message = 'the event stream of the MCP server ended before the answer'
    return channelFailure({failure: 'mcp_stream_ended', headers, message})
  }
  if (form === 'empty') {
    return channelFailure({failure: 'mcp_no_answer', headers, message: 'the MCP server answered with an empty body'})
  }
  const message = 'the MCP server answered without a response to the call'
  return channelFailure({failure: 'mcp_no_answer', kind: 'invalid_protocol_response', headers, message})
}

function lost(headers: RawHeaders, cause: HttpFailure): ChannelFailure {
  const kind = lossKind(cause)
  const message = `the event stream of the MCP server broke before the answer: ${cause.message}`
  return channelFailure({failure: 'mcp_stream_ended', headers, message, ...(kind === undefined ? {} : {kind})})
}
