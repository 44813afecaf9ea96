// One HTTP/1.1 exchange over a bare socket: what was sent and what came back are bytes, nothing in between rewrites them.

import {connect} from 'node:net'

/** What came back. */
export interface RawReply {
  readonly status: number
  /** Lower-cased names; repeated fields joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What to send. */
export interface RawRequest {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** Sends one request on a connection of its own and reads until the server closes it. */
export async function rawHttp({url, method = 'POST', headers = {}, body = ''}: RawRequest): Promise<RawReply> {
  const {hostname, port, pathname, host} = new URL(url)
  const payload = Buffer.from(body)
  const head = [
    `${method} ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    `Content-Length: ${payload.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  const socket = connect(Number(port), hostname)
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  socket.write(payload)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return parseReply(Buffer.concat(chunks))
}

/** Splits a complete reply; understands chunked bodies and skips interim replies. */
export function parseReply(bytes: Buffer): RawReply {
  const end = bytes.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  if (status >= 100 && status < 200) return parseReply(bytes.subarray(end + 4))
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(line.indexOf(':') + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  const rest = bytes.subarray(end + 4)
  return {status, headers, body: headers['transfer-encoding'] === 'chunked' ? unchunk(rest) : rest}
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!(size > 0)) return Buffer.concat(parts)
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
