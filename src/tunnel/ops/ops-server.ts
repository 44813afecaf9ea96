// The operator's HTTP surface: life, readiness and metrics for everybody who can connect, the rest for this host only.

import {METHODS} from 'node:http'
import type {HttpExchange, HttpHandler, HttpRoute} from '../../foundation/platform/index.ts'
import {mayPass, RESTRICTED_BODY} from './guard.ts'
import {listenOps, type OpsListen} from './listen.ts'
import type {Exposition} from './metrics/exposition.ts'
import type {OpsAddress} from './ports.ts'
import type {Readiness} from './readiness.ts'

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

/** What the surface shows, asked anew for every request. */
export interface OpsSources {
  readiness(): Readiness
  metrics(): Promise<Exposition>
  /** The document of `/api/status`. */
  status(): unknown
}

/** What {@link createOpsServer} needs. */
export interface OpsOptions {
  readonly listen: OpsListen
  /** Config admin_ui.allow_remote. */
  readonly allowRemote: boolean
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
  const {sources} = options
  const guarded =
    (handler: HttpHandler): HttpHandler =>
    (exchange) =>
      passes(exchange, options.allowRemote) ? handler(exchange) : send(exchange, 403, 'text/plain', RESTRICTED_BODY)
  const {server, address} = await listenOps(options.listen, {
    routes: [
      route('/healthz', (exchange) => send(exchange, 200, TEXT, 'live')),
      route('/readyz', (exchange) => sendReadiness(exchange, sources.readiness())),
      route('/metrics', async (exchange) => {
        const {contentType, text} = await sources.metrics()
        send(exchange, 200, contentType, text)
      }),
      route(
        '/api/status',
        guarded((exchange) => send(exchange, 200, JSON_TYPE, `${JSON.stringify(sources.status())}\n`)),
      ),
    ],
    notFound: guarded((exchange) => send(exchange, 404, TEXT, '404 page not found\n')),
    onError: (error, exchange) => {
      options.onDefect(error)
      if (exchange.response.headersSent) exchange.response.destroy()
      else send(exchange, 500, TEXT, 'internal error\n')
    },
  })
  return {address, close: (graceMs = 0) => server.close(graceMs)}
}

/** One path for every method, as with the reference. */
const route = (path: string, handler: HttpHandler): HttpRoute => ({
  path,
  methods: Object.fromEntries(METHODS.map((method) => [method, handler])),
})

const passes = ({request}: HttpExchange, allowRemote: boolean): boolean =>
  mayPass({peer: request.socket.remoteAddress ?? null, host: request.headers.host, allowRemote})

function sendReadiness(exchange: HttpExchange, {status, body, reasons}: Readiness): void {
  const query = new URLSearchParams(exchange.request.url?.split('?')[1] ?? '')
  if (query.get('format') === 'json') {
    const document = {schema_version: 1, ready: status === 200, status, body, reasons}
    send(exchange, status, JSON_TYPE, `${JSON.stringify(document)}\n`)
  } else {
    send(exchange, status, TEXT, body)
  }
}

function send({request, response}: HttpExchange, status: number, type: string, body: string): void {
  response.writeHead(status, {'Content-Type': type, 'Content-Length': Buffer.byteLength(body)})
  response.end(request.method === 'HEAD' ? undefined : body)
}
