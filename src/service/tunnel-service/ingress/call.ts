// Sends one call into a tunnel: makes the command, bounds its time, forgets it when the caller hangs up, and tells the
// daemon where nobody else would.

import type {Clock, HttpExchange} from '../../../foundation/platform/index.ts'
import {ApiError} from '../api-error.ts'
import {placeOf} from '../hub/attendance.ts'
import {type CallerPort, type Command, type CommandParts, type CommandType, createCommand} from '../hub/command.ts'
import type {TunnelHub} from '../hub/tunnel-hub.ts'
import type {IdSource} from '../ids.ts'
import type {Tunnel} from '../tunnels.ts'
import {forwardedHeaders} from './headers.ts'
import {ResponseClock} from './response-clock.ts'

/** A daemon that never acknowledges a cancellation has had it all the same; one that never comes for it is forgotten. */
const CANCEL_MS = 30_000
/**
 * Time that the call of an older caller may go on after its connection broke. Up to 2025-11-25 a lost connection cancels nothing
 * by itself, but no answer can reach that caller any more, and its call would hold a slot of the daemon until it ends.
 */
const ABANDONED_MS = 1_000

/** What all calls share. */
export interface CallContext {
  readonly ids: IdSource
  readonly clock: Clock
  /** 0: no limit. */
  readonly responseTimeoutMs: number
}

/**
 * What a broken connection of the caller means: the call goes on, its server has to stop, it has to stop if it takes much longer,
 * or nothing.
 */
export type HangUp = 'forget' | 'cancel' | 'abandon' | 'stay'

/** One call. */
export interface Call
  extends Pick<CommandParts, 'session' | 'mark' | 'rpcId' | 'cancelsId' | 'mayBeAsked' | 'answers' | 'onlyFor'> {
  readonly exchange: HttpExchange
  readonly tunnel: Tunnel
  readonly channel: string
  readonly type: CommandType
  readonly requestId: string
  readonly payload: Buffer | null
  /** False: the command carries no header fields. */
  readonly headers: boolean
  /** Default `forget`. */
  readonly onHangUp?: HangUp
  /** `onDone` has to be called once the reply is complete, whatever it is. */
  readonly caller: (onDone: () => void) => CallerPort & {abandon(): void}
}

/** Starts a call. Throws {@link ApiError} when the tunnel has no room. */
export function startCall(context: CallContext, call: Call): void {
  const {ids, clock, responseTimeoutMs} = context
  const {exchange, tunnel, onHangUp = 'forget'} = call
  const {response, request} = exchange
  // He left while his body was unpacked, or while a daemon was asked: nothing would tell that he is gone.
  if (response.destroyed && onHangUp !== 'stay') return
  const {hub} = tunnel
  const patience = new ResponseClock({
    ms: responseTimeoutMs,
    clock,
    onOver: () => {
      const absence = command.state === 'queued' ? hub.absence(command.channel) : null
      // A daemon that was given no time-out works on until it is told.
      if (!command.bounded) cancelAtDaemon(context, {hub, command, timedOut: true})
      caller.fail(
        new ApiError(absence ?? 'tunnel_response_timeout', timeoutMessage(command.channel, absence), {status: 504}),
      )
    },
  })
  const onClose = (): void => {
    // What the caller was asked is never answered now: the server would wait for ever.
    if (onHangUp === 'cancel' || hub.isAsking(command)) cancelAtDaemon(context, {hub, command})
    else if (onHangUp === 'abandon') cancelAtDaemon(context, {hub, command, afterMs: ABANDONED_MS})
    else if (!command.bounded) cancelAtDaemon(context, {hub, command, afterMs: patience.left})
    caller.abandon()
  }
  const caller = call.caller(() => {
    patience.stop()
    response.off('close', onClose)
    hub.release(command)
  })
  const now = clock.now()
  // Named one by one: rest and spread of these objects were a tenth of the service's time.
  const command = createCommand({
    requestId: call.requestId,
    shardToken: ids.shardToken(),
    type: call.type,
    channel: call.channel,
    lane: hub.laneOf(call.channel),
    payload: call.payload,
    session: call.session,
    mark: call.mark,
    rpcId: call.rpcId,
    cancelsId: call.cancelsId,
    mayBeAsked: call.mayBeAsked,
    answers: call.answers,
    onlyFor: call.onlyFor,
    seq: hub.nextSeq(),
    headers: call.headers ? forwardedHeaders(request) : new Map(),
    enqueuedAt: now,
    createdAt: clock.wall(),
    deadline: responseTimeoutMs > 0 ? now + responseTimeoutMs : null,
    caller,
    clock: patience,
  })
  try {
    hub.submit(command)
  } catch (thrown) {
    caller.abandon()
    throw thrown
  }
  if (onHangUp !== 'stay') response.once('close', onClose)
  patience.start()
}

/** Tells the daemon that works on `command`, if it can be told. `afterMs` null: never. `timedOut`: the caller waits in vain. */
function cancelAtDaemon(
  {ids, clock}: CallContext,
  {
    hub,
    command,
    afterMs = 0,
    timedOut = false,
  }: {hub: TunnelHub; command: Command; afterMs?: number | null; timedOut?: boolean},
): void {
  const holder = hub.cancellableBy(command)
  if (holder === null || afterMs === null) return
  const {channel, lane, requestId} = command
  const tell = (): void => {
    const cancel = createCommand({
      requestId: ids.requestId(),
      shardToken: ids.shardToken(),
      type: 'cancel',
      channel,
      lane,
      cancels: requestId,
      timedOut,
      seq: hub.nextSeq(),
      headers: new Map(),
      payload: null,
      enqueuedAt: clock.now(),
      createdAt: clock.wall(),
      deadline: null,
      onlyFor: holder,
      caller: {
        accept: (_payload, settle) => {
          forget()
          settle('taken')
        },
        fail: () => forget(),
      },
    })
    const timer = setTimeout(() => forget(), CANCEL_MS).unref()
    const forget = (): void => {
      clearTimeout(timer)
      hub.release(cancel)
    }
    try {
      hub.submit(cancel)
    } catch (thrown) {
      clearTimeout(timer)
      // The daemon is gone, or the tunnel is: nobody works on the call any more.
      if (!(thrown instanceof ApiError)) throw thrown
    }
  }
  if (afterMs === 0) tell()
  else setTimeout(tell, afterMs).unref()
}

function timeoutMessage(channel: string, absence: string | null): string {
  const message = 'timed out waiting for tunnel-client response'
  return absence === null ? message : `${message}: no tunnel-client is connected to ${placeOf(channel)}`
}
