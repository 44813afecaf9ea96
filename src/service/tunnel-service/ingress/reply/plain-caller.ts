// The reply to a caller that waits for one final answer and no messages: session DELETE and OAuth metadata.

import type {ServerResponse} from 'node:http'
import {type ApiError, sendApiError} from '../../api-error.ts'
import type {CallerPort, Outcome} from '../../hub/command.ts'
import type {ResponsePayload} from '../../hub/response-payload.ts'

/** What {@link PlainCaller} needs. */
export interface PlainCallerOptions {
  readonly response: ServerResponse
  readonly requestId: string
  /** Writes the answer. */
  readonly render: (payload: ResponsePayload) => void
  /** Called once, when nothing more will be written. */
  readonly onDone: () => void
}

/** One caller. */
export class PlainCaller implements CallerPort {
  readonly #options: PlainCallerOptions
  done = false

  constructor(options: PlainCallerOptions) {
    this.#options = options
  }

  accept(payload: ResponsePayload, settle: (outcome: Outcome) => void): void {
    if (this.done) {
      settle('gone')
      return
    }
    if (payload.type !== 'jsonrpc_notify') {
      this.#finish()
      this.#options.render(payload)
    }
    settle('taken')
  }

  fail(error: ApiError): void {
    if (this.done) return
    this.#finish()
    sendApiError(this.#options.response, error, this.#options.requestId)
  }

  /** The caller hung up. */
  abandon(): void {
    if (!this.done) this.#finish()
  }

  #finish(): void {
    this.done = true
    this.#options.onDone()
  }
}
