// What orchestrators ask: life, readiness, metrics. Open to everybody who can connect, by any method, in exact texts.

import {printable} from '../../../foundation/platform/index.ts'
import {withoutDetails} from '../readiness.ts'
import {queryOf, send, sendJson, TEXT} from './answer.ts'
import type {OpsRouteFactory} from './route.ts'

/** `/healthz`: this process lives. */
export const healthzRoute: OpsRouteFactory = () => ({
  path: '/healthz',
  access: 'all',
  methods: 'any',
  handle: (exchange) => send(exchange, {status: 200, type: TEXT, body: 'live'}),
})

/**
 * `/readyz`: a call would work now, or why not; `?format=json` adds every finding. Other machines see the state and the
 * failure class, but no internal names, addresses and paths.
 */
export const readyzRoute: OpsRouteFactory = (sources) => ({
  path: '/readyz',
  access: 'all',
  methods: 'any',
  handle: (exchange, caller) => {
    const readiness = sources.readiness()
    const {status, body, reasons} = caller.seesDetails() ? readiness : withoutDetails(readiness)
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
