// What a rejected `fetch` throws: the failure of the door as an Error, so that `catch` and logs can carry it.

import type {FailureClass} from '../../errors/index.ts'
import type {HttpFailure, TraceStep} from './types.ts'

/** There was no complete reply. Reads like an {@link HttpFailure}; never holds a secret or an `UND_ERR_*` code. */
export class HttpFailureError extends Error implements HttpFailure {
  override readonly name = 'HttpFailureError'
  readonly failure: FailureClass
  readonly errno?: string
  readonly unsent: boolean
  readonly trace: readonly TraceStep[]

  constructor(reason: HttpFailure) {
    super(reason.message)
    this.failure = reason.failure
    if (reason.errno !== undefined) this.errno = reason.errno
    this.unsent = reason.unsent
    this.trace = reason.trace
  }
}
