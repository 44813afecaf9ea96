// A management request that was answered with another status than 2xx, in the words and members of the reference.

import {type FailureClass, failureCode, TunnelError} from '../../../foundation/errors/index.ts'
import {printable} from '../../../foundation/platform/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'
import {describeApiError, parseApiError, refusedStatus} from '../errors/api-error.ts'
import type {ManagementRequest} from './requests.ts'

/** More of an error body than this is not looked at. */
const ERROR_BYTES = 4096

/** What the service said. */
export interface RefusedReply {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: Buffer
  /** Milliseconds since the epoch. */
  readonly wallNow: number
}

/** The service answered, and not with 2xx. `details` are the members of the reference's JSON envelope, and ours. */
export class TunnelRefusal extends TunnelError {
  readonly status: number
  readonly failure: FailureClass
  /** Code of the service, null when it gave none. */
  readonly serviceCode: string | null
  /** Milliseconds that the service asks to wait; null when it asks nothing. */
  readonly retryAfter: number | null

  constructor(request: ManagementRequest, reply: RefusedReply) {
    const {method, route} = request
    const read = readRefusal(request, {...reply, body: reply.body.subarray(0, ERROR_BYTES)})
    const {failure, retryAfter, requestId, said, code, type, mitigation} = read
    const trail = requestId === null ? '' : ` (x-request-id: ${requestId})`
    const message = `request ${method} ${route} failed: ${reply.status} ${said}`.trimEnd()
    super('TC-ADMIN-REFUSED', `${message}${trail}`, {
      next: nextFor(failure, retryAfter),
      details: {
        method,
        path: route,
        status_code: reply.status,
        ...(requestId === null ? {} : {request_id: requestId}),
        ...(code === null ? {} : {code}),
        ...(type === null ? {} : {type}),
        ...(mitigation === null ? {} : {mitigation}),
        failure_class: failure,
        failure_code: failureCode(failure),
        ...(retryAfter === null ? {} : {retry_after_seconds: Math.ceil(retryAfter / 1000)}),
      },
    })
    this.status = reply.status
    this.failure = failure
    this.serviceCode = code
    this.retryAfter = retryAfter
  }

  /** True when the service knows its way around and has no such tunnel. */
  get notFound(): boolean {
    return this.status === 404 && this.failure === 'tunnel_unknown'
  }
}

interface ReadRefusal {
  readonly failure: FailureClass
  readonly retryAfter: number | null
  readonly requestId: string | null
  /** What follows the status in the message. */
  readonly said: string
  readonly code: string | null
  readonly type: string | null
  readonly mitigation: string | null
}

function readRefusal({method, route}: ManagementRequest, reply: RefusedReply): ReadRefusal {
  const {failure, retryAfter, code, mitigation} = refusedStatus({...reply, what: method})
  const id = headerOf(reply.headers, 'x-request-id')
  const requestId = id === null || id === '' ? null : printable(id)
  const bare = {failure, retryAfter, requestId, code: null, type: null, mitigation: null}
  const html = /^\s*text\/html/i.test(headerOf(reply.headers, 'content-type') ?? '')
  if (html) return {...bare, said: 'a web page answered instead of the tunnel service'}
  if (failure === 'redirected') return {...bare, said: redirection(headerOf(reply.headers, 'location'))}
  const text = printable(reply.body.toString('utf8')).trim()
  const error = parseApiError(reply.body)
  const shown = {...bare, code, type: error.type, mitigation, said: printable(describeApiError(error) || text).trim()}
  // A gateway that knows no such address says nothing about the tunnel.
  if (reply.status !== 404 || !text.includes('Invalid URL')) return shown
  const wrong = {...shown, failure: 'wrong_base_url'} as const
  if (method !== 'DELETE' || !route.includes('/v1/tunnels/')) return wrong
  const exposed = 'delete is not exposed on this control-plane base URL yet'
  return {...wrong, said: `${exposed}; reading, listing, creating and updating may still work (${text})`}
}

function redirection(location: string | null): string {
  const to = location !== null && URL.canParse(location) ? ` to ${new URL(location).origin}` : ''
  return `the server redirects${to}, which is not followed: the key would go along`
}

function nextFor(failure: FailureClass, retryAfter: number | null): readonly string[] {
  switch (failure) {
    case 'rate_limited':
      return [retryAfter === null ? 'Try again in a moment' : `Try again in ${Math.ceil(retryAfter / 1000)} s`]
    case 'service_down':
      return ['Try again in a moment; if it stays, tell the operators of the tunnel service the request id']
    case 'key_invalid':
      return ['Check which key was sent and that it is valid for this tunnel service']
    case 'use_forbidden':
      return ['Use a key whose owner has Tunnels Read and Manage in the organization or workspace']
    case 'tunnel_unknown':
      return ['Check the tunnel id: tunnel-client admin tunnels list']
    case 'wrong_base_url':
    case 'redirected':
    case 'captive_portal':
      return ['Check --control-plane.base-url and --control-plane.url-path']
    default:
      return []
  }
}
