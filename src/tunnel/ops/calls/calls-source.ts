// The calls as the operator API answers for them: remembers what the relay tells, and makes the documents.

import type {Clock} from '../../../foundation/platform/index.ts'
import type {CallDetailDocument, CallDocument, CallListDocument} from '../api/calls.ts'
import type {ApiErrorDocument} from '../api/error.ts'
import {CallBook, LEAST_PART} from './call-book.ts'
import {callDetail, callDocument} from './call-document.ts'
import {readCallQuery} from './call-query.ts'
import type {TracedCall} from './traced-call.ts'

/** What {@link createCallsSource} needs. */
export interface CallsSourceOptions {
  /** Names this run of the daemon. */
  readonly instanceId: string
  readonly clock: Clock
  /** Masks secrets in what remote parties have named. */
  readonly scrub: (text: string) => string
}

/** A status and its document. */
export interface CallsAnswer<Document> {
  readonly status: 200 | 400 | 404
  readonly document: Document | ApiErrorDocument
}

/** The calls of one daemon. */
export interface CallsSource {
  /** The object may change until {@link finished} is called with it. Cheap: both run for every call. */
  started(call: TracedCall): void
  finished(call: TracedCall): void
  /** `/api/calls` with this query. */
  list(query: URLSearchParams): CallsAnswer<CallListDocument>
  /** `/api/calls/{id}`. */
  detail(id: string): CallsAnswer<CallDetailDocument>
  /** One call as lists show it. */
  document(call: TracedCall): CallDocument
}

/** An empty book. */
export function createCallsSource({instanceId, clock, scrub}: CallsSourceOptions): CallsSource {
  const book = new CallBook()
  const context = () => ({scrub, nowWall: clock.wall()})
  return {
    started: (call) => book.started(call),
    finished: (call) => book.finished(call),
    document: (call) => callDocument(call, context()),
    list: (search) => {
      const query = readCallQuery(search)
      if ('message' in query) return refused(400, {code: 'bad_query', ...query})
      const {calls, nextAfter, more, gap} = book.page(query)
      const shown = context()
      return {
        status: 200,
        document: {
          schema_version: 1,
          instance_id: instanceId,
          calls: calls.map(({seq, call}) => ({seq, ...callDocument(call, shown)})),
          next_after: nextAfter,
          more,
          gap,
        },
      }
    },
    detail: (id) => {
      const found = book.find(id)
      switch (found.kind) {
        case 'one':
          return {status: 200, document: callDetail(found.call, {...context(), instanceId})}
        case 'several':
          return refused(404, {
            code: 'ambiguous_call',
            message: 'several calls may be meant; ask with the whole request id',
            candidates: found.ids.map(scrub),
          })
        case 'none':
          return refused(404, {
            code: 'unknown_call',
            message:
              id.length < LEAST_PART
                ? `no such call is remembered; a part of a request id has at least ${LEAST_PART} characters`
                : 'no such call is remembered: it was never here, or it has been forgotten since',
          })
      }
    },
  }
}

const refused = (status: 400 | 404, error: ApiErrorDocument['error']): CallsAnswer<never> => ({
  status,
  document: {schema_version: 1, error},
})
