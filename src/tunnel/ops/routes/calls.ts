// `/api/calls` and `/api/calls/{id}`: what happened to the last calls, and to one of them.

import {queryOf, sendJson} from './answer.ts'
import {refuseQuery, strangeParameter} from './query.ts'
import type {OpsRouteFactory} from './route.ts'

/** The list: `?after=`, `limit=`, `channel=`, `outcome=`, `failure=`. */
export const callsRoute: OpsRouteFactory = (sources) => ({
  path: '/api/calls',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => {
    const {status, document} = sources.calls.list(queryOf(exchange))
    sendJson(exchange, document, status)
  },
})

/** One call, by request id, JSON-RPC id or the start of a request id. */
export const callRoute: OpsRouteFactory = (sources) => ({
  path: '/api/calls/:id',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => {
    const strange = strangeParameter(queryOf(exchange), [])
    if (strange !== null) return refuseQuery(exchange, strange)
    const {status, document} = sources.calls.detail(exchange.params.id ?? '')
    sendJson(exchange, document, status)
  },
})
