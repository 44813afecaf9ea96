// To whom a server's notification belongs, when many share its pipe. What cannot be known is dropped, never guessed: one
// caller must not see another's data.

import {cancelledRequest, metaMember, paramOf, type RpcMessage, type Span} from '../../../foundation/wire/index.ts'
import {splice} from '../messages.ts'
import type {CallTable, OpenCall} from './call-table.ts'
import {internalAt, SUBSCRIPTION_ID} from './rewrite.ts'

/** A notification as one caller gets it. */
export interface Delivery {
  readonly call: OpenCall
  readonly raw: Buffer
}

/**
 * The deliveries of one notification, in the order of the rules; empty: it is dropped. `about`: internal id of the call
 * that the server says it belongs to, where it can.
 */
export function attribute(message: RpcMessage, table: CallTable, now: number, about: number | null = null): Delivery[] {
  if (message.method === 'notifications/progress') return byProgressToken(message, table, now)
  const subscription = metaMember(message, SUBSCRIPTION_ID)
  if (subscription !== null) return bySpan(message, subscription, table)
  if (message.method === 'notifications/cancelled') {
    const request = cancelledRequest(message)
    return request === null ? [] : bySpan(message, request.span, table)
  }
  const only = about === null ? onlyCall(table, now) : namedCall(table, about)
  if (only !== null) return [{call: only, raw: message.raw}]
  if (message.method!.endsWith('list_changed')) return onePerCaller(message, table.working())
  return []
}

/** The running call with an internal id; null when it is over, or one of ours. */
export function namedCall(table: CallTable, internal: number): OpenCall | null {
  const call = table.get(internal)
  return call === undefined || call.own ? null : call
}

/** The one call that the server can be working for; null when there is none, or several could be meant. */
export function onlyCall(table: CallTable, now: number): OpenCall | null {
  const working = table.working()
  const only = working.length === 1 ? working[0]! : null
  return only !== null && table.hasRetiredOfOthers(only.caller, now) ? null : only
}

function byProgressToken(message: RpcMessage, table: CallTable, now: number): Delivery[] {
  const span = paramOf(message, 'progressToken')
  const internal = span === null ? null : internalAt(message.raw, span)
  if (span === null || internal === null) return []
  const call = table.get(internal)
  const known =
    call === undefined || call.progressToken === null
      ? table.taskListener(internal, now)
      : {call, progressToken: call.progressToken}
  return known === null ? [] : [{call: known.call, raw: splice(message.raw, [{span, bytes: known.progressToken}])}]
}

/** The value at `span` is the internal id of a running call: give it the caller's own id back. */
function bySpan(message: RpcMessage, span: Span, table: CallTable): Delivery[] {
  const internal = internalAt(message.raw, span)
  const call = internal === null ? undefined : table.get(internal)
  if (call === undefined || call.own) return []
  return [{call, raw: splice(message.raw, [{span, bytes: call.message.id!}])}]
}

function onePerCaller(message: RpcMessage, working: readonly OpenCall[]): Delivery[] {
  const first = new Map<string, OpenCall>()
  for (const call of working) if (!first.has(call.caller)) first.set(call.caller, call)
  return [...first.values()].map((call) => ({call, raw: message.raw}))
}

/** The one running call that a cancellation names; null when none or several are meant. */
export function cancelTarget(
  message: RpcMessage,
  caller: string,
  table: CallTable,
): {call: OpenCall; span: Span} | null {
  const request = cancelledRequest(message)
  const named = request === null ? [] : table.named(caller, request.token)
  return request !== null && named.length === 1 ? {call: named[0]!, span: request.span} : null
}
