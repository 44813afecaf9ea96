// `/api/status`: the document that the Go client's tools read, under its names.

import {sendJson} from './answer.ts'
import type {OpsRouteFactory} from './route.ts'

/** The endpoint. */
export const statusRoute: OpsRouteFactory = (sources) => ({
  path: '/api/status',
  access: 'operator',
  methods: 'any',
  handle: (exchange) => sendJson(exchange, sources.status()),
})
