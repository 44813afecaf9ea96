// Every endpoint of the operator surface, one line each.

import {callRoute, callsRoute} from './calls.ts'
import {healthComponentRoute, healthRoute} from './health.ts'
import {healthzRoute, metricsRoute, readyzRoute} from './probes.ts'
import type {OpsRouteFactory} from './route.ts'
import {seriesRoute} from './series.ts'
import {stateRoute} from './state.ts'
import {statusRoute} from './status.ts'
import {streamRoute} from './stream.ts'

/** In the order of the documentation. */
export const OPS_ROUTES: readonly OpsRouteFactory[] = [
  healthzRoute,
  readyzRoute,
  metricsRoute,
  healthRoute,
  healthComponentRoute,
  statusRoute,
  callsRoute,
  callRoute,
  stateRoute,
  streamRoute,
  seriesRoute,
]
