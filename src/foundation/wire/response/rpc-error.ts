// JSON-RPC errors that this side makes up, with the provenance that readers of the wire expect.

import {FAILURES, type FailureClass, failureCode, failureDocs, whoActs} from '../../errors/index.ts'
import {reasonPhrase} from '../reason-phrase.ts'
import type {TunnelFailureKind, TunnelFailureSource} from '../tunnel-failure.ts'

const MAX_WORDS = 200

/** What an MCP server wrote with a refusal, when it is text and no JSON-RPC error. */
export interface UpstreamBody {
  /** As the server labeled it; empty when it did not. */
  readonly contentType: string
  readonly text: string
  /** The server wrote more. */
  readonly isCut: boolean
}

/** What {@link failureError} says. */
export interface FailureErrorOptions {
  /** The id token of the call as it was written; null leaves `id` out. */
  readonly id: string | null
  /** The status that the answer carries. */
  readonly status: number
  readonly failure: FailureClass
  readonly source: TunnelFailureSource
  readonly kind: TunnelFailureKind | null
  /** True when the MCP server itself answered with `status` (400..599). */
  readonly upstreamResponded: boolean
  readonly body?: UpstreamBody | undefined
}

/**
 * `{"jsonrpc":"2.0","id":…,"error":{"code":-32603,"message":<reason phrase>,"data":{"tunnel_failure":{…},…}}}`.
 * After `tunnel_failure`, which readers know, comes what {@link classData} says, then `upstream_body` with the words of the server.
 * The message has those of plain text, too: many clients show nothing else.
 */
export function failureError(options: FailureErrorOptions): Buffer {
  const {failure, kind, status} = options
  const ofTarget = options.upstreamResponded && status >= 400 && status <= 599
  const source = ofTarget ? 'target_http' : options.source === 'target_http' ? 'protocol' : options.source
  const provenance =
    `{"version":1,"source":"${source}"` +
    (kind === null ? '' : `,"transport_error_kind":"${kind}"`) +
    `,"upstream_response_received":${ofTarget}` +
    (ofTarget ? `,"upstream_status":${status}}` : '}')
  const {body} = options
  const data = `{"tunnel_failure":${provenance},${classMembers(failure)}${body === undefined ? '' : bodyMember(body)}}`
  return rpcError({id: options.id, code: -32603, message: reasonPhrase(status) + plainWords(body), data})
}

function bodyMember({contentType, text, isCut}: UpstreamBody): string {
  const said = {content_type: contentType, text, ...(isCut ? {truncated: true} : {})}
  return `,"upstream_body":${JSON.stringify(said)}`
}

/** The first words of plain text, for a message of one line. */
function plainWords(body: UpstreamBody | undefined): string {
  if (body === undefined || !/^text\/plain\b/i.test(body.contentType)) return ''
  const words = body.text
    .slice(0, 4 * MAX_WORDS)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return words === '' ? '' : `: ${words.slice(0, MAX_WORDS)}`
}

/**
 * `{"failure_class":…,"rung":…,"who":…,"code":…,"docs":…}`: what our taxonomy says of a class, the same words as in logs,
 * `doctor`, metrics and traces. For `data` of errors that are no failures of a transport.
 */
export const classData = (failure: FailureClass): string => `{${classMembers(failure)}}`

function classMembers(failure: FailureClass): string {
  const {rung} = FAILURES[failure]
  return (
    `"failure_class":"${failure}","rung":"${rung}","who":${JSON.stringify(whoActs(failure, 'mcp'))},` +
    `"code":"${failureCode(failure)}","docs":"${failureDocs(failure)}"`
  )
}

/** A JSON-RPC error. `id` is a token as it was written; null leaves it out. `data` is JSON text. */
export function rpcError(error: {
  readonly id: string | null
  readonly code: number
  readonly message: string
  readonly data?: string
}): Buffer {
  const id = error.id === null ? '' : `"id":${error.id},`
  const data = error.data === undefined ? '' : `,"data":${error.data}`
  return Buffer.from(
    `{"jsonrpc":"2.0",${id}"error":{"code":${error.code},"message":${JSON.stringify(error.message)}${data}}}`,
  )
}

/** The reference's refusal of a JSON-RPC message for a channel that is not served here. */
export const unsupportedChannelRpc = (id: string | null, channel: string): Buffer =>
  rpcError({id, code: -32603, message: `Bad Request: unsupported channel "${channel}"`})

/** The reference's refusal of an OAuth discovery for a channel that has none. */
export const unsupportedChannelOAuth = (channel: string): Buffer =>
  oauthError('unsupported_channel', `unsupported channel "${channel}"`)

/** An OAuth discovery that cannot be answered, in the envelope of the reference. */
export const oauthError = (code: string, message: string): Buffer =>
  Buffer.from(`{"error":${JSON.stringify({code, message, type: 'invalid_request_error'})}}`)
