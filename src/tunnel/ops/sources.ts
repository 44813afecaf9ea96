// What the operator surface shows comes from elsewhere. The daemon hands it in; a route asks for it anew at every request.

import type {CallsSource} from './calls/calls-source.ts'
import type {Exposition} from './metrics/exposition.ts'
import type {Readiness} from './readiness.ts'

/** Everything that routes may read. */
export interface OpsSources {
  readiness(): Readiness
  metrics(): Promise<Exposition>
  /** The document of `/api/status`. */
  status(): unknown
  readonly calls: CallsSource
}
