// The operator's HTTP surface: binds, guards, and hands each request to its route.

import {METHODS} from 'node:http'
import {type HttpExchange, type HttpHandler, type HttpRoute, parseListenAddr} from '../../foundation/platform/index.ts'
import {bodyRefusal, type GuardedRequest, type GuardRefusal, guardRefusal} from './guard.ts'
import {listenOps, type OpsListen} from './listen/listen-ops.ts'
import type {OpsAddress} from './ports.ts'
import {send, TEXT} from './routes/answer.ts'
import {OPS_ROUTES} from './routes/registry.ts'
import type {OpsRoute, RouteAccess} from './routes/route.ts'
import type {OpsSources} from './sources.ts'

/** What {@link createOpsServer} needs. */
export interface OpsOptions {
  readonly listen: OpsListen
  /** Config admin_ui.allow_remote. */
  readonly allowRemote: boolean
  /** Config health.show_details: other machines see internal names and addresses in `/readyz`, too. Default false. */
  readonly showDetails?: boolean
  readonly sources: OpsSources
  /** Called when answering failed: a defect of ours. The caller gets a 500. */
  readonly onDefect: (error: unknown) => void
}

/** A bound surface. */
export interface OpsServer {
  readonly address: OpsAddress
  /** Lets open requests finish for at most `graceMs`. */
  close(graceMs?: number): Promise<void>
}

/** Binds and serves. Rejects with `TC-DAEMON-START`. */
export async function createOpsServer(options: OpsOptions): Promise<OpsServer> {
  const {sources, allowRemote, showDetails = false} = options
  const ownHost = options.listen.unixSocket === null ? (parseListenAddr(options.listen.listenAddr)?.host ?? null) : null
  const refusalOf = (exchange: HttpExchange, opened: boolean | null): GuardRefusal | null =>
    guardRefusal(guardedRequest(exchange, opened, ownHost || null))
  const guarded = (access: RouteAccess, handler: HttpHandler): HttpHandler => {
    if (access === 'all') return handler
    const opened = access === 'operator' ? allowRemote : null
    return (exchange) => {
      const refusal = refusalOf(exchange, opened)
      return refusal === null ? handler(exchange) : send(exchange, {...refusal, type: 'text/plain'})
    }
  }
  const mounted = (route: OpsRoute): HttpRoute => {
    const answer = guarded(route.access, (exchange) => {
      const refusal = route.access === 'all' ? null : bodyRefusal(bodyOf(exchange))
      if (refusal !== null) return send(exchange, {...refusal, type: 'text/plain'})
      return route.handle(exchange, {seesDetails: () => showDetails || refusalOf(exchange, null) === null})
    })
    const allowed: readonly string[] = METHODS_OF[route.methods]
    const refuse = guarded(route.access, notAllowed(allowed))
    const handler = (method: string): HttpHandler => (allowed.includes(method) ? answer : refuse)
    return {path: route.path, methods: Object.fromEntries(METHODS.map((method) => [method, handler(method)]))}
  }
  const {server, address} = await listenOps(options.listen, {
    routes: OPS_ROUTES.map((factory) => mounted(factory(sources))),
    notFound: guarded('operator', (exchange) =>
      send(exchange, {status: 404, type: TEXT, body: '404 page not found\n'}),
    ),
    onError: (error, exchange) => {
      options.onDefect(error)
      if (exchange.response.headersSent) exchange.response.destroy()
      else send(exchange, {status: 500, type: TEXT, body: 'internal error\n'})
    },
  })
  return {address, close: (graceMs = 0) => server.close(graceMs)}
}

const METHODS_OF = {any: METHODS, read: ['GET', 'HEAD'], get: ['GET']} as const satisfies Record<
  OpsRoute['methods'],
  readonly string[]
>

const guardedRequest = (
  {request}: HttpExchange,
  allowRemote: boolean | null,
  ownHost: string | null,
): GuardedRequest => ({
  peer: request.socket.remoteAddress ?? null,
  hosts: request.headersDistinct.host ?? [],
  ownHost,
  method: request.method ?? 'GET',
  allowRemote,
  fetchSite: one(request.headers['sec-fetch-site']),
  fetchMode: one(request.headers['sec-fetch-mode']),
  origin: request.headers.origin,
})

const bodyOf = ({request: {method = 'GET', headers}}: HttpExchange): Parameters<typeof bodyRefusal>[0] => ({
  method,
  hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
  contentType: headers['content-type'],
})

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

const notAllowed =
  (allowed: readonly string[]): HttpHandler =>
  (exchange) =>
    send(exchange, {
      status: 405,
      type: TEXT,
      body: '405 method not allowed\n',
      headers: {Allow: allowed.join(', ')},
    })
