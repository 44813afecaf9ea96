// The ingress listener: where MCP clients come in.

import type {IncomingMessage} from 'node:http'
import type {HttpExchange, HttpHandler, Logger} from '../../../foundation/platform/index.ts'
import {
  cancelledRequest,
  normalizeChannel,
  RpcInvalid,
  type RpcMessage,
  rpcError,
} from '../../../foundation/wire/index.ts'
import {answerFailure} from '../answer-failure.ts'
import {ApiError, sendApiError} from '../api-error.ts'
import {announcedLength, readBody} from '../body.ts'
import type {ResponsePayload} from '../hub/response-payload.ts'
import type {TunnelHub} from '../hub/tunnel-hub.ts'
import {type RouteTable, ready} from '../route-table.ts'
import type {Tunnel, Tunnels} from '../tunnels.ts'
import {type Answer, accepted, deliverAnswer} from './answer.ts'
import {type CallContext, type HangUp, startCall} from './call.ts'
import {callerMark} from './caller-mark.ts'
import {isStateless} from './era.ts'
import {assertJson, type IngressGuard} from './guard.ts'
import {returnedHeaders} from './headers.ts'
import {withResource} from './oauth-metadata.ts'
import {PlainCaller} from './reply/plain-caller.ts'
import {RpcCaller} from './reply/rpc-caller.ts'
import {acceptsEventStream} from './reply/sse.ts'
import {callerStatus, isBodiless} from './reply/status.ts'
import {readCallerMessage} from './rpc-body.ts'

/** Largest body of a call, unpacked. */
const MAX_BYTES = 32 * 1024 * 1024

/** What the ingress routes need. */
export interface IngressOptions extends CallContext {
  readonly tunnels: Tunnels
  readonly guard: IngressGuard
  readonly silenceMs: number
  readonly log: Logger
}

/** Builds the table. */
export function ingressRoutes(options: IngressOptions): RouteTable {
  const {tunnels, guard, ids, log} = options
  const onError = answerFailure({ids, log})
  const guarded =
    (handle: (exchange: HttpExchange, tunnel: Tunnel) => void | Promise<void>): HttpHandler =>
    (exchange) => {
      guard(exchange.request, exchange.params.id ?? null)
      return handle(exchange, tunnels.require(exchange.params.id ?? ''))
    }
  const methods = {
    POST: guarded((exchange, tunnel) => postMessage(options, exchange, tunnel)),
    DELETE: guarded((exchange, tunnel) => endSession(options, exchange, tunnel)),
    GET: guarded((exchange, tunnel) => listenToSession(options, exchange, tunnel)),
  }
  return {
    routes: [
      {path: '/readyz', methods: {GET: ready, HEAD: ready}},
      {path: '/v1/mcp/:id', methods},
      {path: '/v1/mcp/:id/:channel', methods},
      {
        path: '/.well-known/oauth-protected-resource/v1/mcp/:id',
        methods: {GET: guarded((exchange, tunnel) => protectedResource(options, exchange, tunnel))},
      },
    ],
    notFound: () => {
      throw new ApiError('unknown_url', 'nothing is here; MCP clients use /v1/mcp/<tunnel id>')
    },
    methodNotAllowed: (exchange) => {
      guard(exchange.request, exchange.params.id ?? null)
      throw new ApiError('method_not_allowed', `${exchange.request.method} is not allowed here`)
    },
    onError,
  }
}

async function postMessage(options: IngressOptions, exchange: HttpExchange, tunnel: Tunnel): Promise<void> {
  const {request} = exchange
  const channel = channelOf(exchange)
  assertJson(request)
  const body = await readCall(request, tunnel.hub, channel)
  const requestId = options.ids.requestId()
  const refuse = (invalid: RpcInvalid): void => refuseMessage(exchange, invalid, requestId)
  const session = headerOf(request, 'mcp-session-id')
  try {
    const message = readCallerMessage(body)
    const posted = {exchange, tunnel, channel, session, message, requestId, metadataUrl: metadataUrl(exchange, tunnel)}
    if (message.kind === 'response') deliverAnswer(options, {...posted, refuse})
    else sendMessage(options, posted)
  } catch (thrown) {
    if (!(thrown instanceof RpcInvalid)) throw thrown
    refuse(thrown)
  }
}

/** A request or a notification. */
function sendMessage(options: IngressOptions, posted: Omit<Answer, 'refuse'>): void {
  const {exchange, message, requestId, metadataUrl} = posted
  const {request, response} = exchange
  const {id, method, raw} = message
  const streams = acceptsEventStream(request.headers.accept)
  const stateless = isStateless(request.headers)
  const mark = posted.session === null ? callerMark(request) : ''
  const cancelsId =
    method === 'notifications/cancelled' && id === null ? (cancelledRequest(message)?.token ?? null) : null
  // Without a session a server cannot know whose call this means, and may end another caller's.
  if (cancelsId !== null && posted.session === null) {
    if (!posted.tunnel.hub.isCalling({channel: posted.channel, mark, rpcId: cancelsId})) {
      accepted(response, requestId)
      return
    }
  }
  startCall(options, {
    exchange,
    tunnel: posted.tunnel,
    channel: posted.channel,
    session: posted.session,
    type: 'jsonrpc',
    requestId,
    payload: raw,
    headers: true,
    rpcId: id,
    cancelsId,
    mark,
    mayBeAsked: id !== null && streams && !stateless,
    onHangUp: hangUpOf(message, stateless),
    caller: (onDone) =>
      new RpcCaller({
        response,
        requestId,
        id,
        streams,
        // The answer to initialize carries the session id in a header: it is waited for.
        silenceMs: method === 'initialize' || options.silenceMs === 0 ? null : options.silenceMs,
        metadataUrl,
        onDone,
      }),
  })
}

/** A handshake cannot be cancelled, and a notification owes no answer. */
function hangUpOf({id, method}: RpcMessage, stateless: boolean): HangUp {
  if (id === null || (method === 'initialize' && !stateless)) return 'forget'
  return stateless ? 'cancel' : 'abandon'
}

/** Bodies that are still arriving count as well: the bound is on memory, not on the line alone. */
async function readCall(request: IncomingMessage, hub: TunnelHub, channel: string): Promise<Buffer> {
  const lane = hub.laneOf(channel)
  hub.assertRoom(lane, announcedLength(request))
  let held = 0
  const onBytes = (bytes: number): void => {
    hub.assertRoom(lane, bytes)
    hub.hold(lane, bytes)
    held += bytes
  }
  try {
    return await readBody(request, {maxBytes: MAX_BYTES, onBytes})
  } finally {
    hub.hold(lane, -held)
  }
}

function endSession(options: IngressOptions, exchange: HttpExchange, tunnel: Tunnel): void {
  const channel = channelOf(exchange)
  const {request, response} = exchange
  const session = headerOf(request, 'mcp-session-id')
  if (session === null) {
    throw new ApiError('missing_mcp_session_id', 'ending a session needs its Mcp-Session-Id header', {
      param: 'Mcp-Session-Id',
    })
  }
  request.resume()
  const requestId = options.ids.requestId()
  const render = (payload: ResponsePayload): void => {
    const status = callerStatus(payload.code)
    const flat = returnedHeaders({
      headers: payload.headers,
      metadataUrl: metadataUrl(exchange, tunnel),
      without: new Set(['content-type', 'x-request-id']),
    })
    flat.push('X-Request-Id', requestId)
    if (!isBodiless(status)) flat.push('Content-Length', '0')
    response.writeHead(status, flat)
    response.end()
  }
  startCall(options, {
    exchange,
    tunnel,
    channel,
    session,
    type: 'session_termination',
    requestId,
    payload: null,
    headers: true,
    caller: (onDone) => new PlainCaller({response, requestId, render, onDone}),
  })
}

/**
 * What a server says outside of calls goes to whoever listens, if a daemon can hear it. Else there is no such stream, and
 * clients go on without one.
 */
async function listenToSession(options: IngressOptions, exchange: HttpExchange, tunnel: Tunnel): Promise<void> {
  const channel = channelOf(exchange)
  const {request, response} = exchange
  const session = headerOf(request, 'mcp-session-id')
  if (session === null || !acceptsEventStream(request.headers.accept) || !(await tunnel.hub.canListen())) {
    response.setHeader('Allow', 'POST, DELETE')
    throw new ApiError('method_not_allowed', 'there is no stream of this session here')
  }
  const requestId = options.ids.requestId()
  startCall(
    {...options, responseTimeoutMs: 0},
    {
      exchange,
      tunnel,
      channel,
      session,
      type: 'session_stream',
      requestId,
      payload: null,
      headers: true,
      mayBeAsked: true,
      onHangUp: 'cancel',
      caller: (onDone) =>
        new RpcCaller({
          response,
          requestId,
          id: null,
          streams: true,
          listens: true,
          silenceMs: options.silenceMs === 0 ? null : options.silenceMs,
          metadataUrl: metadataUrl(exchange, tunnel),
          onDone,
        }),
    },
  )
}

function protectedResource(options: IngressOptions, exchange: HttpExchange, tunnel: Tunnel): void {
  const {response} = exchange
  const requestId = options.ids.requestId()
  const render = (payload: ResponsePayload): void => {
    const document = payload.json && withResource(payload.json, resourceUrl(exchange, tunnel))
    if (!document) {
      const error = new ApiError('tunnel_client_invalid_response', 'invalid OAuth discovery response')
      sendApiError(response, error, requestId)
      return
    }
    const flat = returnedHeaders({
      headers: payload.headers,
      metadataUrl: metadataUrl(exchange, tunnel),
      without: new Set(['content-type', 'x-request-id']),
    })
    const status = callerStatus(payload.code)
    flat.push('Content-Type', 'application/json', 'X-Request-Id', requestId)
    if (!isBodiless(status)) flat.push('Content-Length', String(document.length))
    response.writeHead(status, flat)
    response.end(document)
  }
  startCall(options, {
    exchange,
    tunnel,
    channel: 'main',
    type: 'oauth_discovery',
    requestId,
    payload: null,
    headers: false,
    caller: (onDone) => new PlainCaller({response, requestId, render, onDone}),
  })
}

function refuseMessage({response}: HttpExchange, invalid: RpcInvalid, requestId: string): void {
  const kind = invalid.code === -32700 ? 'Parse error' : 'Invalid Request'
  const body = rpcError({
    id: invalid.id ?? 'null',
    code: invalid.code,
    message: `${kind}: ${invalid.message}`,
    data: '{"code":"invalid_json_payload"}',
  })
  response.writeHead(400, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'X-Request-Id': requestId,
  })
  response.end(body)
}

function channelOf({params}: HttpExchange): string {
  const channel = normalizeChannel(params.channel ?? '')
  if (channel === null) {
    throw new ApiError('invalid_channel_format', 'channel names are lower-case letters, digits, - and _', {
      param: 'channel',
    })
  }
  return channel
}

function headerOf({headers}: IncomingMessage, lower: string): string | null {
  const value = headers[lower]
  return typeof value === 'string' && value !== '' ? value : null
}

const originOf = ({request}: HttpExchange): string => `http://${request.headers.host ?? 'localhost'}`

const resourceUrl = (exchange: HttpExchange, tunnel: Tunnel): string =>
  `${originOf(exchange)}/v1/mcp/${tunnel.record.id}`

const metadataUrl = (exchange: HttpExchange, tunnel: Tunnel): string =>
  `${originOf(exchange)}/.well-known/oauth-protected-resource/v1/mcp/${tunnel.record.id}`
