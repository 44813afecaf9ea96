// Sends one call into a tunnel: makes the command, bounds its time, and forgets it when the caller hangs up.

import type {Clock, HttpExchange} from '../../../foundation/platform/index.ts'
import {ApiError} from '../api-error.ts'
import {type CallerPort, type CommandType, createCommand} from '../hub/command.ts'
import type {IdSource} from '../ids.ts'
import type {Tunnel} from '../tunnels.ts'
import {forwardedHeaders} from './headers.ts'

/** What all calls share. */
export interface CallContext {
  readonly ids: IdSource
  readonly clock: Clock
  /** 0: no limit. */
  readonly responseTimeoutMs: number
}

/** One call. */
export interface Call {
  readonly exchange: HttpExchange
  readonly tunnel: Tunnel
  readonly channel: string
  readonly type: CommandType
  readonly requestId: string
  readonly payload: Buffer | null
  /** False: the command carries no header fields. */
  readonly headers: boolean
  /** `onDone` has to be called once the reply is complete, whatever it is. */
  readonly caller: (onDone: () => void) => CallerPort & {abandon(): void}
}

/** Starts a call. Throws {@link ApiError} when the tunnel has no room. */
export function startCall(context: CallContext, call: Call): void {
  const {ids, clock, responseTimeoutMs} = context
  const {response, request} = call.exchange
  const {hub} = call.tunnel
  let timer: NodeJS.Timeout | undefined
  const onClose = (): void => caller.abandon()
  const caller = call.caller(() => {
    clearTimeout(timer)
    response.off('close', onClose)
    hub.release(command)
  })
  const now = clock.now()
  const command = createCommand({
    requestId: call.requestId,
    shardToken: ids.shardToken(),
    type: call.type,
    channel: call.channel,
    seq: hub.nextSeq(),
    headers: call.headers ? forwardedHeaders(request) : new Map(),
    payload: call.payload,
    enqueuedAt: now,
    createdAt: clock.wall(),
    deadline: responseTimeoutMs > 0 ? now + responseTimeoutMs : null,
    caller,
  })
  try {
    hub.submit(command)
  } catch (thrown) {
    caller.abandon()
    throw thrown
  }
  response.once('close', onClose)
  if (responseTimeoutMs > 0) {
    timer = setTimeout(() => {
      const absence = command.state === 'queued' ? hub.absence() : null
      caller.fail(new ApiError(absence ?? 'tunnel_response_timeout', timeoutMessage(absence), {status: 504}))
    }, responseTimeoutMs)
  }
}

function timeoutMessage(absence: string | null): string {
  if (absence === null) return 'timed out waiting for tunnel-client response'
  return 'timed out waiting for tunnel-client response: no tunnel-client is connected to this tunnel'
}
