// `/api/series`: the last hour or day, as columns.

import {queryOf, sendJson} from './answer.ts'
import {refuseQuery, strangeParameter} from './query.ts'
import type {OpsRouteFactory} from './route.ts'

/** The endpoint. `?range=15m`, `1h` (default) or `24h`; the step follows from it. */
export const seriesRoute: OpsRouteFactory = (sources) => ({
  path: '/api/series',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => {
    const query = queryOf(exchange)
    const strange = strangeParameter(query, ['range'])
    if (strange !== null) return refuseQuery(exchange, strange)
    const range = query.get('range') ?? '1h'
    if (range === '15m' || range === '1h' || range === '24h') return sendJson(exchange, sources.series(range))
    return refuseQuery(exchange, {parameter: 'range', message: 'range is one of 15m, 1h, 24h'})
  },
})
