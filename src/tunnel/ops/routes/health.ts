// `/health` and `/health/<component>`: details for this host alone. The status is 200 also when something is degraded:
// whoever decides by a status asks `/readyz`.

import {type HttpExchange, printableJson} from '../../../foundation/platform/index.ts'
import {componentDocument, healthDocument} from '../health/health-documents.ts'
import {queryOf, send, TEXT} from './answer.ts'
import type {OpsRouteFactory} from './route.ts'

/** The whole; `?details=true` adds every component. */
export const healthRoute: OpsRouteFactory = (sources) => ({
  path: '/health',
  access: 'local',
  methods: 'get',
  handle: (exchange) => {
    const query = exchange.request.url?.split('?')[1]
    if (query === undefined || query === 'details=false')
      return answer(exchange, healthDocument(sources.health(), false))
    if (query === 'details=true') return answer(exchange, healthDocument(sources.health(), true))
    return refuse(exchange, 400, 'query: details=true or details=false\n')
  },
})

/** One component by its name. */
export const healthComponentRoute: OpsRouteFactory = (sources) => ({
  path: '/health/:component',
  access: 'local',
  methods: 'get',
  handle: (exchange) => {
    if ([...queryOf(exchange)].length > 0) return refuse(exchange, 400, 'no query is taken here\n')
    const document = componentDocument(sources.health(), exchange.params.component ?? '')
    return document === null ? refuse(exchange, 404, 'no such component\n') : answer(exchange, document)
  },
})

function answer(exchange: HttpExchange, document: unknown): void {
  const body = `${printableJson(document)}\n`
  send(exchange, {status: 200, type: 'application/json', body, headers: {'Cache-Control': 'no-store'}})
}

const refuse = (exchange: HttpExchange, status: number, body: string): void =>
  send(exchange, {status, type: TEXT, body, headers: {'Cache-Control': 'no-store'}})
