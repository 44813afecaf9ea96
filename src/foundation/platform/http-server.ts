// Every HTTP server of ours: routing, listening and ending stay behind this. Handlers get Node's own request and response,
// because tunnels stream bodies of any type and size, which the parsers, limits and serialisers of a framework would break.

import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import {createServer as createTls} from 'node:https'
import type {AddressInfo, Socket} from 'node:net'
import {messageOf, TunnelError} from '../errors/index.ts'
import {trackConnections} from './http-server/connections.ts'
import {framingProblem, MAX_HEADER_FIELDS, refuseBrokenRequests} from './http-server/framing.ts'
import {listenOn} from './http-server/listen.ts'
import {createRouter} from './http-server/router.ts'

/** Where a server listens. Port 0 picks a free one. `mode` is the permission of the socket file, default 0600. */
export type ListenTarget =
  | {readonly host: string; readonly port: number}
  | {readonly unixSocket: string; readonly mode?: number}

/** PEM texts. With `clientCa`, clients without a certificate of that authority are refused. */
export interface ServerTls {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  readonly clientCa?: string | Buffer
}

/** One request and its reply, as Node has them. */
export interface HttpExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Decoded path parameters of the route's pattern. */
  readonly params: Readonly<Record<string, string>>
}

/** Answers one exchange. What it throws or rejects with goes to {@link HttpServerOptions.onError}. */
export type HttpHandler = (exchange: HttpExchange) => void | Promise<void>

/** One path with all its methods; others get 405 and `Allow`. Nothing is derived: HEAD has to be listed. */
export interface HttpRoute {
  /** `/v1/tunnels/:id/poll`; a trailing slash in the request does not matter. */
  readonly path: string
  readonly methods: Readonly<Record<string, HttpHandler>>
}

/** What {@link createHttpServer} needs. */
export interface HttpServerOptions {
  readonly listen: ListenTarget
  readonly tls?: ServerTls | undefined
  readonly routes: readonly HttpRoute[]
  /** Default: 404 with a short text. Also called for paths that cannot be decoded. */
  readonly notFound?: HttpHandler
  /** `allow` is the ready value of the header, which is set already. Default: 405 with a short text. */
  readonly methodNotAllowed?: (exchange: HttpExchange, allow: string) => void | Promise<void>
  /** Default: 500 with a short text when nothing was sent yet, else the connection is cut. */
  readonly onError?: (error: unknown, exchange: HttpExchange) => void
  /** Of all request header fields together. Default 256 KiB. */
  readonly maxHeaderBytes?: number
  /** How long an idle connection is kept, in milliseconds. Default 75 000. */
  readonly keepAliveMs?: number
}

/** Where a server really listens. */
export type HttpServerAddress =
  /** `origin` can be used from this machine, also when every address is listened on. */
  | {readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly origin: string}
  | {readonly kind: 'unix'; readonly path: string}

/** A listening server. */
export interface HttpServer {
  readonly address: HttpServerAddress
  /** Takes no new connections, lets running exchanges end for `graceMs` (default 0), then cuts them. Idempotent. */
  close(graceMs?: number): Promise<void>
}

/** Starts a server. Rejects with `TC-LISTEN` when the address cannot be used. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const secure = options.tls !== undefined
  const find = createRouter(options.routes.map(({path, methods}) => ({path, value: answering(options, methods)})))
  const notFound = options.notFound ?? ((exchange) => sendText(exchange, 404, '404 page not found\n'))
  const answer: RequestListener = (request, response) => {
    const problem = framingProblem(request)
    if (problem !== null) {
      response.setHeader('Connection', 'close')
      sendText({request, response, params: {}}, problem.status, problem.text)
      return
    }
    const found = find(request.url ?? '')
    run(options, found?.value ?? notFound, {request, response, params: found?.params ?? {}})
  }
  const server = nodeServer(options, (request, response) => {
    connections.began(request, response)
    // A request that came behind another on its connection waits for its turn: until then Node would not tell its response
    // that the connection is gone, and whoever works for it would go on for nobody.
    if (response.socket !== null) answer(request, response)
    else response.once('socket', ({destroyed}: Socket) => destroyed || answer(request, response))
  })
  const connections = trackConnections(server, {secure})
  refuseBrokenRequests(server, (socket) => connections.isAnswered(socket))
  server.keepAliveTimeout = options.keepAliveMs ?? 75_000
  // Node drops what is above in silence: one more than allowed has to be seen.
  server.maxHeadersCount = MAX_HEADER_FIELDS + 1
  await listenOn(server, options.listen)
  let closing: Promise<void> | null = null
  return {
    address: addressOf(server, options.listen, secure),
    close: (graceMs = 0) => {
      closing ??= connections.close(graceMs)
      return closing
    },
  }
}

/** The handler of one path. */
function answering(options: HttpServerOptions, methods: HttpRoute['methods']): HttpHandler {
  const allow = Object.keys(methods).join(', ')
  const byMethod = new Map(Object.entries(methods))
  const refuse: HttpHandler = (exchange) => {
    exchange.response.setHeader('Allow', allow)
    if (options.methodNotAllowed) return options.methodNotAllowed(exchange, allow)
    return sendText(exchange, 405, '405 method not allowed\n')
  }
  return (exchange) => (byMethod.get(exchange.request.method ?? '') ?? refuse)(exchange)
}

function nodeServer({tls, maxHeaderBytes}: HttpServerOptions, handler: RequestListener): Server {
  const settings = {maxHeaderSize: maxHeaderBytes ?? 256 * 1024}
  if (!tls) return createPlain(settings, handler)
  const clients = tls.clientCa ? {ca: tls.clientCa, requestCert: true, rejectUnauthorized: true} : {}
  try {
    return createTls({...settings, cert: tls.cert, key: tls.key, ...clients}, handler)
  } catch (thrown) {
    throw new TunnelError('TC-LISTEN', `the TLS certificate and key cannot be used: ${messageOf(thrown)}`, {
      next: ['Give a PEM certificate chain and the private key that belongs to it'],
      cause: thrown,
    })
  }
}

function addressOf(server: Server, target: ListenTarget, secure: boolean): HttpServerAddress {
  if ('unixSocket' in target) return {kind: 'unix', path: target.unixSocket}
  const {address, port, family} = server.address() as AddressInfo
  const reachable = address === '::' || address === '0.0.0.0' ? '127.0.0.1' : address
  const host = family === 'IPv6' && reachable === address ? `[${address}]` : reachable
  return {kind: 'tcp', host: address, port, origin: `${secure ? 'https' : 'http'}://${host}:${port}`}
}

function run(options: HttpServerOptions, handler: HttpHandler, exchange: HttpExchange): void {
  const failed = (error: unknown): void => {
    if (options.onError) options.onError(error, exchange)
    else if (exchange.response.headersSent) exchange.response.destroy()
    else sendText(exchange, 500, '500 internal error\n')
  }
  try {
    const result = handler(exchange)
    if (result instanceof Promise) result.catch(failed)
  } catch (thrown) {
    failed(thrown)
  }
}

function sendText(exchange: HttpExchange, status: number, text: string): void {
  exchange.response.writeHead(status, {'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': text.length})
  exchange.response.end(text)
}
