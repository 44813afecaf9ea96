// Reads the answer to a poll: commands, or why there are none.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {HttpFailure} from '../../foundation/platform/index.ts'
import {decodePollBody, headerOf} from '../../foundation/wire/index.ts'
import {isWebPage, refusedStatus} from './errors/api-error.ts'
import type {ExchangeReply} from './exchange.ts'
import type {PollOutcome, ServiceFailure} from './types.ts'

/** Largest poll answer that is read. What is complete in a larger one is used. */
export const POLL_BODY_LIMIT = 64 * 1024 * 1024

/** The outcome of a poll that got a final status. */
export function readPoll(reply: ExchangeReply, wallNow: number): PollOutcome {
  const {status, headers, body, receivedAt, cut} = reply
  const tunnelRequestId = headerOf(headers, 'x-request-id')
  const answered = {
    kind: 'answered',
    status,
    commands: [],
    rejected: [],
    dropped: 0,
    receivedAt,
    tunnelRequestId,
    serviceRun: headerOf(headers, 'x-tunnel-service-run'),
    cut: null,
    rest: null,
    comesAgain: false,
  } as const
  if (status === 204) return answered
  if (status !== 200) return {kind: 'failed', failure: refusedStatus({what: 'poll', status, headers, body, wallNow})}
  const failed = (failure: FailureClass, message: string, transport: HttpFailure | null = null): ServiceFailure => ({
    ...noAnswer(failure, message, transport),
    status,
    tunnelRequestId,
  })
  if (isWebPage(headers)) {
    return {kind: 'failed', failure: failed('captive_portal', 'poll: a web page answered instead of the service')}
  }
  const {commands, rejected, dropped, truncated, rest} = decodePollBody(body, receivedAt)
  const cutBy = (endsEarly: boolean): ServiceFailure | null => {
    if (cut !== null) return failed(cut.failure, `poll: the answer broke off: ${cut.message}`, cut)
    return endsEarly ? failed('closed', 'poll: the answer ends early') : null
  }
  if (rest !== null) return {...answered, commands, rejected, dropped, rest: {...rest, cutBy}}
  if (commands.length > 0 || rejected.length > 0)
    return {...answered, commands, rejected, dropped, cut: cutBy(truncated)}
  if (!truncated && cut === null) return answered
  const why = cutBy(false) ?? failed('wrong_base_url', 'poll: the answer is not one of a tunnel service')
  return {kind: 'failed', failure: why}
}

/** A failure without a status. */
export function noAnswer(
  failure: FailureClass,
  message: string,
  transport: HttpFailure | null,
  timedOut = false,
): ServiceFailure {
  return {
    failure,
    message,
    status: null,
    code: null,
    detail: null,
    mitigation: null,
    retryAfter: null,
    tunnelRequestId: null,
    timedOut,
    transport,
  }
}
