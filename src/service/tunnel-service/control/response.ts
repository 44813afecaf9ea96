// POST …/response: a daemon hands in a notification or the answer of a call.

import {ApiError} from '../api-error.ts'
import {readBody} from '../body.ts'
import type {Outcome} from '../hub/command.ts'
import {readResponsePayload} from '../hub/response-payload.ts'
import type {Tunnels} from '../tunnels.ts'
import type {ControlCall} from './routes.ts'

const ACK = Buffer.from('{"status":"ok"}')
/** Twice the largest request, for tools that answer with more than they were asked. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Answers one post: 200 once the caller has it, 404 when nobody waits, 429 when the caller reads so slowly that more of
 * its call is not taken now. The 200 waits for the caller, which is how a slow caller slows its server down.
 */
export async function handleResponse(call: ControlCall, tunnels: Tunnels): Promise<void> {
  const {tunnel, exchange, requestId} = call
  const body = await readBody(exchange.request, {maxBytes: MAX_BYTES})
  const payload = readResponsePayload(body)
  const shardToken = exchange.request.headers['x-tunnel-shard-token']
  if (typeof shardToken !== 'string') {
    throw new ApiError('invalid_shard_token', 'X-Tunnel-Shard-Token is missing', {param: 'X-Tunnel-Shard-Token'})
  }
  const settle = (outcome: Outcome): void => {
    if (outcome === 'taken') {
      exchange.response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': ACK.length,
        'X-Request-Id': requestId,
      })
      exchange.response.end(ACK)
    } else if (outcome === 'stalled') {
      call.refuse(new ApiError('rate_limit_exceeded', 'the caller of this request reads too slowly', {retryAfter: 1}))
    } else if (tunnels.holdsElsewhere(tunnel.record.id, payload.requestId)) {
      call.refuse(
        new ApiError('tunnel_request_mismatch', 'this request belongs to another tunnel', {param: 'request_id'}),
      )
    } else {
      call.refuse(new ApiError('pending_request_not_found', 'nobody waits for this request', {param: 'request_id'}))
    }
  }
  tunnel.hub.respond({payload, shardToken}, settle)
}
