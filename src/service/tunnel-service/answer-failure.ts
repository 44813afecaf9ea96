// What becomes of an exchange whose handler failed: a refusal is sent as one, anything else is a defect that is logged.

import type {HttpExchange, Logger} from '../../foundation/platform/index.ts'
import {ApiError, sendApiError} from './api-error.ts'
import {BodyAborted} from './body.ts'
import type {IdSource} from './ids.ts'

/** The `onError` of both listeners. */
export function answerFailure({ids, log}: {readonly ids: IdSource; readonly log: Logger}) {
  return (error: unknown, {response}: Pick<HttpExchange, 'response'>): void => {
    if (error instanceof BodyAborted || response.destroyed) return
    if (response.headersSent) {
      response.destroy()
      return
    }
    if (!(error instanceof ApiError)) log.error('tunnel service failed to answer', {error: String(error)})
    const shown = error instanceof ApiError ? error : new ApiError('internal_error', 'the tunnel service failed')
    sendApiError(response, shown, ids.requestId())
  }
}
