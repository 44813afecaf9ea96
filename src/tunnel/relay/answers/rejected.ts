// Commands that the wire could read but nobody can run: malformed, or of a type that is unknown. Who can be addressed gets an
// answer of the kind that he waits for.

import {classData, oauthError, type RejectedCommand, rpcError} from '../../../foundation/wire/index.ts'
import type {Core} from '../core.ts'
import {type Answer, type Recipient, refusal} from './answer.ts'

/** Whom to answer, and what; null: there is no address. */
export function rejection(
  core: Core,
  rejected: RejectedCommand,
): {readonly to: Recipient; readonly answer: Answer} | null {
  const {clock, tracer} = core
  const {address, channel, commandType, rpcId} = rejected
  if (address === null) return null
  const kind = commandType === 'session_termination' || commandType === 'oauth_discovery' ? commandType : 'call'
  tracer.arrive()
  const subject = {...address, channel, createdAt: null, receivedAt: clock.now()}
  const to: Recipient = {
    ...subject,
    clientRequestId: null,
    deadline: null,
    kind,
    method: null,
    rpcId: rpcId ?? 'null',
    trace: tracer.openRejected(subject, kind, rpcId),
  }
  const message = `Bad Request: ${rejected.reason}`
  const payload =
    kind === 'oauth_discovery'
      ? oauthError('invalid_command', message)
      : rpcError({id: to.rpcId, code: rejected.rpcCode, message, data: classData('bad_command')})
  return {to, answer: refusal(kind, payload)}
}

/** So many lines about one poll answer: what else the log holds must not drown in what a broken service repeats. */
const MOST_LINES = 100

/** Counts them all, and the `dropped` ones, and logs the first. */
export function noteRejected({log, emit}: Core, rejected: readonly RejectedCommand[], dropped: number): void {
  for (const {warning, commandType, address, reason} of rejected.slice(0, MOST_LINES)) {
    log.warn(warning, {
      ...(commandType === null ? {} : {command_type: commandType}),
      ...(address === null ? {} : {request_id: address.requestId}),
      error: reason,
    })
  }
  const untold = Math.max(0, rejected.length - MOST_LINES) + dropped
  if (untold > 0) log.warn('control-plane commands dropped like these', {count: untold})
  for (let left = rejected.length + dropped; left > 0; left--) {
    emit({type: 'command_dropped', reason: 'invalid_command_type'})
  }
}
