// What the operator surface shows comes from elsewhere. The daemon hands it in; a route asks for it anew at every request.

import type {ServerResponse} from 'node:http'
import type {SeriesDocument, StateDocument} from './api/index.ts'
import type {CallsSource} from './calls/calls-source.ts'
import type {HealthFacts} from './health/health-documents.ts'
import type {Exposition} from './metrics/exposition.ts'
import type {Readiness} from './readiness.ts'
import type {StreamRequest} from './stream/stream-hub.ts'

/** Everything that routes may read. */
export interface OpsSources {
  readiness(): Readiness
  metrics(): Promise<Exposition>
  /** The document of `/api/status`. */
  status(): unknown
  readonly calls: CallsSource
  /** What the documents of `/health` are made from. */
  health(): HealthFacts
  /** The document of `/api/state`. */
  state(): StateDocument
  /** Takes a response over for the event stream. False: there are too many readers. */
  stream(response: ServerResponse, request: Omit<StreamRequest, 'response'>): boolean
  /** The document of `/api/series`. */
  series(range: SeriesDocument['range']): SeriesDocument
}
