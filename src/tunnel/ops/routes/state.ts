// `/api/state`: the whole state in one answer.

import {sendJson} from './answer.ts'
import type {OpsRouteFactory} from './route.ts'

/** The endpoint. */
export const stateRoute: OpsRouteFactory = (sources) => ({
  path: '/api/state',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => sendJson(exchange, sources.state()),
})
