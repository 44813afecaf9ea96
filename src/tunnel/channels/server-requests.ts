// What we say to a server that asks its client something. Carrying such requests to the caller will start here: whoever
// can carry one answers it later, what nobody can carry is refused at once, and the call goes on either way.

import type {RpcMessage} from '../../foundation/wire/index.ts'

const METHOD_NOT_FOUND = -32601

/** Our own answer: `ping` is alive, everything else is a method that this client does not have. */
export function answerServerRequest(request: RpcMessage): Buffer {
  if (request.method === 'ping') return Buffer.from(`{"jsonrpc":"2.0","id":${request.id},"result":{}}`)
  const message = JSON.stringify(
    `Method not found: ${request.method} cannot be carried to the caller through the tunnel`,
  )
  return Buffer.from(`{"jsonrpc":"2.0","id":${request.id},"error":{"code":${METHOD_NOT_FOUND},"message":${message}}}`)
}
