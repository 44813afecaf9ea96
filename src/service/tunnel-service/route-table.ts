// What both listeners have: the form of their routes, and the one route that they share.

import type {HttpExchange, HttpHandler, HttpRoute} from '../../foundation/platform/index.ts'

/** Routes and fallbacks of a listener. */
export interface RouteTable {
  readonly routes: readonly HttpRoute[]
  readonly notFound: HttpHandler
  readonly methodNotAllowed: HttpHandler
  readonly onError: (error: unknown, exchange: HttpExchange) => void
}

/** Answers `/readyz` as the reference's local service does. */
export function ready({response}: HttpExchange): void {
  const body = Buffer.from('{"status":"ok"}')
  response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': body.length})
  response.end(body)
}
