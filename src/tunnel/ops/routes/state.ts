// `/api/state`: the whole state in one answer.

import {queryOf, sendJson} from './answer.ts'
import {refuseQuery, strangeParameter} from './query.ts'
import type {OpsRouteFactory} from './route.ts'

/** The endpoint. */
export const stateRoute: OpsRouteFactory = (sources) => ({
  path: '/api/state',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => {
    const strange = strangeParameter(queryOf(exchange), [])
    return strange === null ? sendJson(exchange, sources.state()) : refuseQuery(exchange, strange)
  },
})
