// What we say ourselves to a server that asks its client something: nobody asks the caller whether we are alive, and a
// question that cannot reach him is refused at once. The call goes on either way.

import type {RpcMessage} from '../../foundation/wire/index.ts'
import type {RefusalCode} from './channel.ts'

/** True for a question that is answered here: `ping` is about this connection, not about the caller. */
export const isPing = (request: RpcMessage): boolean => request.method === 'ping'

/** The answer to a `ping`. */
export const pong = ({id}: RpcMessage): Buffer => Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{}}`)

const REASON: Readonly<Record<RefusalCode, (method: string) => string>> = {
  [-32601]: (method) => `Method not found: ${method} cannot be carried to the caller through the tunnel`,
  [-32603]: (method) => `Internal error: ${method} did not reach the caller`,
}

/** A refusal, with the server's own id bytes. */
export function refuseServerRequest({id, method}: RpcMessage, code: RefusalCode): Buffer {
  const message = JSON.stringify(REASON[code](method ?? ''))
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":${message}}}`)
}
