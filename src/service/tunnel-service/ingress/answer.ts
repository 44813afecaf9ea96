// A caller's answer to a request of the server: it goes to the daemon that took the call, under the server's own id.

import type {ServerResponse} from 'node:http'
import type {HttpExchange} from '../../../foundation/platform/index.ts'
import {RpcInvalid, type RpcMessage} from '../../../foundation/wire/index.ts'
import {restored} from '../hub/asks.ts'
import type {Tunnel} from '../tunnels.ts'
import {type CallContext, startCall} from './call.ts'
import {RpcCaller} from './reply/rpc-caller.ts'

/** One posted response. */
export interface Answer {
  readonly exchange: HttpExchange
  readonly tunnel: Tunnel
  readonly channel: string
  readonly session: string | null
  /** A message of kind `response`. */
  readonly message: RpcMessage
  readonly requestId: string
  readonly metadataUrl: string
  /** Writes the refusal of a response that nobody waits for. */
  readonly refuse: (invalid: RpcInvalid) => void
}

/** Sends the answer on its way. Throws {@link RpcInvalid} for one that nobody asked for. */
export function deliverAnswer(context: CallContext, answer: Answer): void {
  const {exchange, tunnel, channel, session, message, requestId, metadataUrl, refuse} = answer
  const {response} = exchange
  const ask = message.id === null ? null : tunnel.hub.asked({token: message.id, channel, session})
  if (ask === null) throw new RpcInvalid(-32600, 'nobody asked for this response', message.id)
  if (ask.state === 'withdrawn') {
    accepted(response, requestId)
    return
  }
  startCall(context, {
    exchange,
    tunnel,
    channel,
    type: 'jsonrpc',
    requestId,
    payload: restored(message, ask),
    headers: true,
    session,
    answers: ask.command.requestId,
    onlyFor: ask.holder,
    // What was answered is answered, as with a server that is reached directly.
    onHangUp: 'stay',
    caller: (onDone) => {
      const caller = new RpcCaller({
        response,
        requestId,
        id: null,
        streams: false,
        silenceMs: null,
        metadataUrl,
        onDone,
      })
      return {
        accept: (payload, settle) => {
          // Not 404 for the caller, to whom that means that his session is gone.
          if (payload.code !== 404 || payload.type === 'jsonrpc_notify' || caller.done) {
            caller.accept(payload, settle)
            return
          }
          refuse(new RpcInvalid(-32600, 'the call that asked for this response is over', message.id))
          caller.abandon()
          settle('taken')
        },
        fail: (error) => caller.fail(error),
        abandon: () => caller.abandon(),
      }
    },
  })
  tunnel.hub.answered(ask)
}

/** Acknowledges a message that goes no further. */
export function accepted(response: ServerResponse, requestId: string): void {
  response.writeHead(202, {'Content-Length': '0', 'X-Request-Id': requestId})
  response.end()
}
