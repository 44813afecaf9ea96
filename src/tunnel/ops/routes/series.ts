// `/api/series`: the last hour or day, as columns.

import {queryOf, send, sendJson, TEXT} from './answer.ts'
import type {OpsRouteFactory} from './route.ts'

/** The endpoint. `?range=15m`, `1h` (default) or `24h`; the step follows from it. */
export const seriesRoute: OpsRouteFactory = (sources) => ({
  path: '/api/series',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => {
    const range = queryOf(exchange).get('range') ?? '1h'
    if (range === '15m' || range === '1h' || range === '24h') return sendJson(exchange, sources.series(range))
    return send(exchange, {status: 400, type: TEXT, body: 'range: one of 15m, 1h, 24h\n'})
  },
})
