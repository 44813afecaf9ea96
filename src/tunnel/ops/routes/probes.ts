// What orchestrators ask: life, readiness, metrics. Open to everybody who can connect, by any method, in exact texts.

import {printable} from '../../../foundation/platform/index.ts'
import {queryOf, send, sendJson, TEXT} from './answer.ts'
import type {OpsRouteFactory} from './route.ts'

/** `/healthz`: this process lives. */
export const healthzRoute: OpsRouteFactory = () => ({
  path: '/healthz',
  access: 'all',
  methods: 'any',
  handle: (exchange) => send(exchange, {status: 200, type: TEXT, body: 'live'}),
})

/** `/readyz`: a call would work now, or why not; `?format=json` adds every finding. */
export const readyzRoute: OpsRouteFactory = (sources) => ({
  path: '/readyz',
  access: 'all',
  methods: 'any',
  handle: (exchange) => {
    const {status, body, reasons} = sources.readiness()
    if (queryOf(exchange).get('format') !== 'json') return send(exchange, {status, type: TEXT, body: printable(body)})
    return sendJson(exchange, {schema_version: 1, ready: status === 200, status, body, reasons}, status)
  },
})

/** `/metrics`: Prometheus text. */
export const metricsRoute: OpsRouteFactory = (sources) => ({
  path: '/metrics',
  access: 'all',
  methods: 'any',
  handle: async (exchange) => {
    const {contentType, text} = await sources.metrics()
    send(exchange, {status: 200, type: contentType, body: text})
  },
})
