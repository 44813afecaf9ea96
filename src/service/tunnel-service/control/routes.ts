// The control listener: what daemons and administrators may call. Key first, then the tunnel's id, then the method.

import type {Clock, HttpExchange, HttpHandler, Logger} from '../../../foundation/platform/index.ts'
import {assertOpens, type Keyring} from '../access-keys.ts'
import {answerFailure} from '../answer-failure.ts'
import {ApiError, sendJson} from '../api-error.ts'
import type {IdSource} from '../ids.ts'
import type {Scope} from '../options.ts'
import {type RouteTable, ready} from '../route-table.ts'
import type {Tunnel, Tunnels} from '../tunnels.ts'
import {createTunnel, deleteTunnel, listTunnels, updateTunnel} from './management.ts'
import {handlePoll} from './poll.ts'
import {handleResponse} from './response.ts'

/** What the control routes need. */
export interface ControlOptions {
  readonly tunnels: Tunnels
  readonly keys: Keyring
  readonly ids: IdSource
  readonly clock: Clock
  readonly log: Logger
}

/** One accepted request of a daemon. */
export interface ControlCall {
  readonly exchange: HttpExchange
  readonly tunnel: Tunnel
  /** `X-Tunnel-Client-Instance-Id`. */
  readonly clientId: string | null
  readonly requestId: string
  /** Name of this run of the service. */
  readonly run: string
  readonly clock: Clock
  refuse(error: ApiError): void
}

/** Builds the table. */
export function controlRoutes(options: ControlOptions): RouteTable {
  const {tunnels, keys, ids, clock, log} = options
  const onError = answerFailure({ids, log})
  /** Every key of this service may learn whether a tunnel exists: a tunnel id is not secret. */
  const authorize = ({request, params: {id}}: HttpExchange, scope: Scope): Tunnel | null => {
    const key = keys.require(request, scope)
    const tunnel = id === undefined ? null : tunnels.require(id)
    assertOpens(key, scope, id ?? null)
    return tunnel
  }
  const ofTunnel =
    (scope: Scope, handle: (call: ControlCall) => void | Promise<void>): HttpHandler =>
    (exchange) => {
      const tunnel = authorize(exchange, scope)!
      const clientId = clientIdOf(exchange)
      if (clientId !== null) tunnel.hub.touch(clientId, exchange.request.socket)
      const call: ControlCall = {
        exchange,
        tunnel,
        clientId,
        requestId: ids.requestId(),
        run: ids.run,
        clock,
        refuse: (error) => onError(error, exchange),
      }
      return handle(call)
    }
  const managed =
    (handle: (exchange: HttpExchange, tunnels: Tunnels) => unknown | Promise<unknown>): HttpHandler =>
    async (exchange) => {
      authorize(exchange, 'manage')
      const body = await handle(exchange, tunnels)
      sendJson(exchange.response, {status: 200, requestId: ids.requestId(), body})
    }
  const metadata = ofTunnel('read', ({exchange, tunnel, requestId}) =>
    sendJson(exchange.response, {status: 200, requestId, body: tunnels.shown(tunnel.record)}),
  )
  return {
    routes: [
      {path: '/readyz', methods: {GET: ready, HEAD: ready}},
      {path: '/v1/tunnels', methods: {GET: managed(listTunnels), POST: managed(createTunnel)}},
      {
        path: '/v1/tunnels/:id',
        methods: {GET: metadata, POST: managed(updateTunnel), DELETE: managed(deleteTunnel)},
      },
      {path: '/v1/tunnels/:id/poll', methods: {GET: ofTunnel('use', handlePoll)}},
      {path: '/v1/tunnels/:id/response', methods: {POST: ofTunnel('use', (call) => handleResponse(call, tunnels))}},
    ],
    notFound: (exchange) => {
      const {method, url} = exchange.request
      throw new ApiError('unknown_url', `Invalid URL (${method} ${pathOf(url)})`)
    },
    methodNotAllowed: (exchange) => {
      keys.require(exchange.request, 'read')
      throw new ApiError('method_not_allowed', `${exchange.request.method} is not allowed here`)
    },
    onError,
  }
}

const pathOf = (url: string | undefined): string => (url ?? '/').split('?', 1)[0]!.slice(0, 256)

function clientIdOf(exchange: HttpExchange): string | null {
  const value = exchange.request.headers['x-tunnel-client-instance-id']
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : null
}
