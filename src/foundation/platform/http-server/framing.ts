// Requests that a proxy in front could read differently than we do, beyond what Node's parser refuses by itself. They are
// answered with an error and the connection is closed, so that nothing behind them is taken for a second request.

import {type IncomingMessage, type Server, STATUS_CODES} from 'node:http'
import type {Socket} from 'node:net'

/** Header fields of one request. */
export const MAX_HEADER_FIELDS = 1000

/** Why a request is not handled. */
export interface FramingProblem {
  readonly status: 400 | 431 | 501
  readonly text: string
}

const HOST = 'host'.length

/** Null for a request that can be handled. */
export function framingProblem({rawHeaders, headers, url = ''}: IncomingMessage): FramingProblem | null {
  // RFC 6585 §5. Node drops the fields beyond its limit in silence.
  if (rawHeaders.length > 2 * MAX_HEADER_FIELDS) {
    return {status: 431, text: `431 more than ${MAX_HEADER_FIELDS} header fields\n`}
  }
  // RFC 9112 §3.2. Node shows the first one only.
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === HOST && name.toLowerCase() === 'host') hosts += 1
  }
  if (hosts > 1) return {status: 400, text: '400 more than one Host header\n'}
  // RFC 9112 §6.1: a transfer coding that is not understood.
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return {status: 501, text: '501 transfer coding not supported\n'}
  }
  // RFC 9112 §3.2.2: the target wins over Host, and a guard that looks at Host would be deceived.
  if (!url.startsWith('/') && URL.canParse(url) && new URL(url).host !== headers.host?.toLowerCase()) {
    return {status: 400, text: '400 the request target names another host than the Host header\n'}
  }
  return null
}

const PARSER_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/**
 * Answers bytes that are no HTTP, and closes their connection. Node would do so as well, but it writes a second answer when the
 * body turns out to be broken after the request was answered.
 */
export function refuseBrokenRequests(server: Server, isAnswered: (socket: Socket) => boolean): void {
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket & {_httpMessage?: {headersSent: boolean} | null}
    if (!socket.writable || isAnswered(socket) || socket._httpMessage?.headersSent === true) {
      socket.destroy()
      return
    }
    const status = PARSER_STATUS[error.code ?? ''] ?? 400
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
  })
}
