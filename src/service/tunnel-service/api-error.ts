// The reference's error envelope: every refusal of the service is a row here, so that codes, statuses and types agree.

import type {ServerResponse} from 'node:http'

interface Row {
  readonly status: number
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'permission_error'
    | 'rate_limit_error'
    | 'server_error'
}

const row = (status: number, type: Row['type'] = 'invalid_request_error'): Row => ({status, type})

/** Codes of the service. The reference's clients know most of them and print advice for them. */
const API_ERRORS = {
  invalid_api_key: row(401, 'authentication_error'),
  tunnel_use_forbidden: row(403, 'permission_error'),
  tunnel_management_permission_required: row(403, 'permission_error'),
  invalid_ingress_token: row(401, 'authentication_error'),
  host_not_allowed: row(403, 'permission_error'),
  origin_not_allowed: row(403, 'permission_error'),

  unknown_url: row(404),
  tunnel_not_found: row(404),
  pending_request_not_found: row(404),
  method_not_allowed: row(405),
  invalid_tunnel_id_format: row(400),
  invalid_channel_format: row(400),
  invalid_request: row(400),
  invalid_json_payload: row(400),
  invalid_response_payload: row(400),
  invalid_shard_token: row(400),
  server_request_not_possible: row(400),
  missing_mcp_session_id: row(400),
  tunnel_missing_principals: row(400),
  tunnel_principal_limit_exceeded: row(400),
  tunnel_request_mismatch: row(401),
  unsupported_content_encoding: row(415),
  unsupported_content_type: row(415),
  request_body_too_large: row(413),

  rate_limit_exceeded: row(429, 'rate_limit_error'),
  tunnel_queue_full: row(429, 'rate_limit_error'),
  tunnel_client_not_connected: row(502, 'server_error'),
  tunnel_client_not_seen: row(503, 'server_error'),
  tunnel_client_invalid_response: row(502, 'server_error'),
  service_stopping: row(503, 'server_error'),
  tunnel_response_timeout: row(504, 'server_error'),
  internal_error: row(500, 'server_error'),
} as const satisfies Record<string, Row>

/** A stable code of the envelope. */
export type ApiErrorCode = keyof typeof API_ERRORS

/** What may go with an {@link ApiError}. */
export interface ApiErrorMore {
  /** The parameter at fault. */
  readonly param?: string
  /** Another status than the row's (a time-out is 504 whatever its code). */
  readonly status?: number
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number
}

/** A refusal on its way to a client. The message never holds a secret. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode
  readonly status: number
  readonly type: string
  readonly param: string | null
  readonly retryAfter: number | undefined

  constructor(code: ApiErrorCode, message: string, more: ApiErrorMore = {}) {
    super(message)
    this.code = code
    this.status = more.status ?? API_ERRORS[code].status
    this.type = API_ERRORS[code].type
    this.param = more.param ?? null
    this.retryAfter = more.retryAfter
  }

  /** The body of the answer. */
  envelope(): {error: {message: string; type: string; param: string | null; code: string}} {
    return {error: {message: this.message, type: this.type, param: this.param, code: this.code}}
  }
}

/** Sends a JSON value. */
export function sendJson(response: ServerResponse, answer: {status: number; requestId: string; body: unknown}): void {
  const body = Buffer.from(JSON.stringify(answer.body))
  response.writeHead(answer.status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'X-Request-Id': answer.requestId,
  })
  response.end(body)
}

/** Sends a refusal. What is left of the request's body is read and thrown away, so that the client can read the answer. */
export function sendApiError(response: ServerResponse, error: ApiError, requestId: string): void {
  if (error.retryAfter !== undefined) response.setHeader('Retry-After', String(error.retryAfter))
  if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  sendJson(response, {status: error.status, requestId, body: error.envelope()})
  response.req.resume()
}
