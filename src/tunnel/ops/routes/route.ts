// The contract of one endpoint: a file of its own and one line in the registry. Guard, method check and the answer to a
// defect are the server's.

import type {HttpExchange} from '../../../foundation/platform/index.ts'
import type {OpsSources} from '../sources.ts'

/**
 * Who may read an endpoint. `all`: everybody who can connect. `operator`: this host, or everybody where the operator has
 * opened the surface. `local`: this host, always.
 */
export type RouteAccess = 'all' | 'operator' | 'local'

/** One endpoint. */
export interface OpsRoute {
  /** `/api/calls/:id`; parameters arrive decoded in `exchange.params`. */
  readonly path: string
  readonly access: RouteAccess
  /** `any`: every method, as the Go client has it. `read`: GET and HEAD, `get`: GET; others get 405. */
  readonly methods: 'any' | 'read' | 'get'
  /** Answers. What it throws becomes a 500. */
  handle(exchange: HttpExchange, caller: RouteCaller): void | Promise<void>
}

/** Who asks. */
export interface RouteCaller {
  /** True for this host, or for everyone where the operator allows it (`health.show_details`). */
  seesDetails(): boolean
}

/** Makes the endpoint of one server; nothing is read before a request comes. */
export type OpsRouteFactory = (sources: OpsSources) => OpsRoute
