// A client must be able to read interim answers that it did not ask for (RFC 9110, 15.2), and servers do send a needless
// `100 Continue`. undici reads all of them but this one: it destroys the connection, and the call is lost although the
// server carries it out. No option or interceptor of undici changes that, so its parser is taught here to read over it.

import type {Socket} from 'node:net'
import symbols from 'undici/lib/core/symbols.js'

/** What is touched of undici's parser. */
interface Parser {
  statusCode: number
  headers: Buffer[]
  headersSize: number
  onHeadersComplete(status: number, upgrade: boolean, keepAlive: boolean): number
}

/** What the parser below understands as: no body follows, another head does. */
const NO_BODY = 1

/** Call it once undici has taken a connection. */
export function allowUnaskedContinue(socket: Socket): void {
  const parser = (socket as unknown as Record<symbol, Parser | undefined>)[symbols.kParser]
  if (!parser) return
  const read = parser.onHeadersComplete
  parser.onHeadersComplete = (status, upgrade, keepAlive) => {
    if (status !== 100) return read.call(parser, status, upgrade, keepAlive)
    parser.statusCode = status
    parser.headers = []
    parser.headersSize = 0
    return NO_BODY
  }
}
