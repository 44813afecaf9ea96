// A call as JSON. What remote parties chose the words of goes through the scrubber here, once, for every reader.

import {
  FAILURES,
  type FarEnd,
  failureCode,
  failureDocs,
  failureNext,
  whoActs,
} from '../../../foundation/errors/index.ts'
import type {CallDetailDocument, CallDocument} from '../api/calls.ts'
import {phasesOf, rounded, waitingOn} from './phases.ts'
import type {TracedCall} from './traced-call.ts'

/** What making a document needs. */
export interface CallDocumentContext {
  /** Masks secrets in text. */
  readonly scrub: (text: string) => string
  readonly nowWall: number
}

/** The document of a call as it stands. */
export function callDocument(call: TracedCall, {scrub, nowWall}: CallDocumentContext): CallDocument {
  const {failure} = call
  const shown = (text: string | null): string | null => (text === null ? null : scrub(text))
  return {
    id: scrub(call.requestId),
    rpc_id: shown(call.rpcId),
    channel: scrub(call.channel),
    transport: call.transport,
    kind: call.kind,
    method: shown(call.method),
    tool: shown(call.tool),
    session: call.session,
    outcome: call.outcome,
    status: call.status,
    failure_class: failure,
    rung: failure === null ? null : FAILURES[failure].rung,
    who: failure === null ? [] : whoActs(failure, endOf(call)),
    code: failure === null ? null : failureCode(failure),
    docs: failure === null ? null : failureDocs(failure),
    attempts: call.attempts,
    request_bytes: call.requestBytes,
    response_bytes: call.responseBytes,
    notifications: call.notifications,
    duration_ms: Math.max(0, rounded((call.endedAt ?? nowWall) - call.polledAt)),
    waiting_on: waitingOn(call),
    times: {
      enqueued: time(call.enqueuedAt),
      polled: rounded(call.polledAt),
      dispatched: time(call.dispatchedAt),
      first_byte: time(call.firstByteAt),
      answered: time(call.answeredAt),
      posted: time(call.postedAt),
      acknowledged: time(call.acknowledgedAt),
      ended: time(call.endedAt),
    },
  }
}

/** The document with its phases and with what the failure means. */
export function callDetail(
  call: TracedCall,
  context: CallDocumentContext & {readonly instanceId: string},
): CallDetailDocument {
  const {failure} = call
  return {
    schema_version: 1,
    instance_id: context.instanceId,
    ...callDocument(call, context),
    phases: phasesOf(call, context.nowWall),
    title: failure === null ? null : FAILURES[failure].title,
    next: failure === null ? null : failureNext(failure, endOf(call)),
  }
}

/** Whose end it failed at: an answer that was not taken is no business of the MCP server. */
const endOf = ({outcome}: TracedCall): FarEnd => (outcome === 'undelivered' ? 'service' : 'mcp')

const time = (at: number | null): number | null => (at === null ? null : rounded(at))
