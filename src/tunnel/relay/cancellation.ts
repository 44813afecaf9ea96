// Which call a `notifications/cancelled` means. It overtakes what waits, but never the call itself.

import {cancelledRequest, type RpcMessage, sameId} from '../../foundation/wire/index.ts'
import type {Call} from './call.ts'
import type {Lane} from './lanes/lane.ts'

/** The one open call of this session that `message` names; undefined: none, or several could be meant. */
export function cancelledCall(lane: Lane<Call>, session: string, message: RpcMessage): Call | undefined {
  const token = cancelledRequest(message)?.token
  if (token === undefined) return undefined
  let found: Call | undefined
  for (const call of lane.active) {
    const {rpcId} = call.to
    if (call.session !== session || !call.isOpen || rpcId === null || !sameId(rpcId, token)) continue
    // Two callers without a session may use the same id; which one is meant cannot be known here.
    if (found !== undefined) return undefined
    found = call
  }
  return found
}
