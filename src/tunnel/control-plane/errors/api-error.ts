// Reads what the service says when it refuses, and names the failure by our own taxonomy.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import {headerOf, reasonPhrase} from '../../../foundation/wire/index.ts'
import {parseRetryAfter} from '../retry.ts'
import type {ServiceFailure} from '../types.ts'
import {MITIGATIONS} from './mitigations.ts'

/** What an error body says; nulls where it says nothing. */
export interface ApiError {
  readonly code: string | null
  readonly type: string | null
  readonly message: string | null
}

const MOST_TEXT = 1024
/** Characters of a member of the envelope: they end in log lines and on terminals. */
const MOST_NAME = 256
const MOST_MESSAGE = 4096

/**
 * Understands `{"error":{message,type,code}}`, the same members at the top level, `detail` (text, or any JSON), and plain
 * text, which is cut at 1024 bytes.
 */
export function parseApiError(body: Buffer): ApiError {
  const text = body.toString('utf8').trim()
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return {code: null, type: null, message: cut(text)}
  }
  const top = asRecord(parsed)
  if (top === null) return {code: null, type: null, message: cut(text)}
  const nested = asRecord(top.error)
  const from = nested ?? top
  const error = {
    code: asText(from.code, MOST_NAME),
    type: asText(from.type, MOST_NAME),
    message: asText(from.message, MOST_MESSAGE),
  }
  if (error.message !== null || nested !== null || top.detail === undefined || top.detail === null) return error
  return {...error, message: cut(typeof top.detail === 'string' ? top.detail : (written(top.detail) ?? text))}
}

/** What is nested deeply can be read, and not written again: null. */
function written(value: unknown): string | null {
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

const asRecord = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null

const asText = (value: unknown, most: number): string | null => {
  if (typeof value !== 'string' || value === '') return null
  return value.length <= most ? value : `${value.slice(0, most)}...`
}

function cut(text: string): string | null {
  if (text === '') return null
  const bytes = Buffer.from(text)
  return bytes.length <= MOST_TEXT ? text : `${bytes.toString('utf8', 0, MOST_TEXT)}...`
}

/** `code: message`, then ` mitigation: …` when the code is known; empty when there is nothing to say. */
export function describeApiError(error: ApiError): string {
  const mitigation = mitigationOf(error.code)
  const said = [error.code, error.message].filter((part) => part !== null).join(': ')
  return [said, mitigation === null ? '' : `mitigation: ${mitigation}`].filter((part) => part !== '').join(' ')
}

/** Advice for a code, or null. */
export const mitigationOf = (code: string | null): string | null =>
  code !== null && Object.hasOwn(MITIGATIONS, code) ? MITIGATIONS[code]! : null

/** True for an answer that no tunnel service gives, but sign-in pages and gateways do. */
export const isWebPage = (headers: readonly string[]): boolean =>
  /^\s*text\/html/i.test(headerOf(headers, 'content-type') ?? '')

/** The failure that a final status stands for, when it is not one that was hoped for. */
export interface RefusedStatus {
  readonly what: string
  readonly status: number
  readonly headers: readonly string[]
  /** At most 64 KiB of it. */
  readonly body: Buffer
  readonly wallNow: number
}

/** The failure of an answer with an unwanted status. `what` is for people: `poll`, `metadata`, `response`. */
export function refusedStatus({what, status, headers, body, wallNow}: RefusedStatus): ServiceFailure {
  const html = isWebPage(headers)
  const error = html ? {code: null, type: null, message: null} : parseApiError(body)
  const said = describeApiError(error)
  return {
    failure: classOf(status, error.code, html),
    message: `${what}: unexpected status ${status} ${reasonPhrase(status)}${said === '' ? '' : `: ${said}`}`,
    status,
    code: error.code,
    detail: error.message,
    mitigation: mitigationOf(error.code),
    retryAfter: parseRetryAfter(headerOf(headers, 'retry-after'), wallNow),
    tunnelRequestId: headerOf(headers, 'x-request-id'),
    timedOut: false,
    transport: null,
  }
}

const BY_CODE: Readonly<Record<string, FailureClass>> = {
  invalid_tunnel_id_format: 'tunnel_unknown',
  unknown_url: 'wrong_base_url',
  tunnel_active_organization_required: 'org_missing',
  tunnel_active_organization_context_required: 'org_missing',
  tunnel_missing_principals: 'use_forbidden',
  tunnel_use_forbidden: 'use_forbidden',
  tunnel_management_permission_required: 'use_forbidden',
  rate_limit_exceeded: 'rate_limited',
  request_body_too_large: 'too_large',
}

function classOf(status: number, code: string | null, html: boolean): FailureClass {
  if (code !== null && Object.hasOwn(BY_CODE, code)) return BY_CODE[code]!
  if (status >= 300 && status <= 399) return 'redirected'
  if (status === 429) return 'rate_limited'
  if (status >= 500) return 'service_down'
  if (status === 413) return 'too_large'
  // A web page at this address: whoever answered, it was no tunnel service.
  if (html) return status === 404 || status === 405 ? 'wrong_base_url' : 'unexpected_status'
  if (status === 401) return 'key_invalid'
  if (status === 403) return 'use_forbidden'
  if (status === 404) return 'tunnel_unknown'
  return 'unexpected_status'
}
