// An HTTP server that answers exactly the bytes a test wants, and remembers exactly what it was sent.

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {close, listen} from './loopback.ts'

/** One request as it came. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  /** By lower-case name; repeated fields as an array. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** Answers one request. */
export type RawAnswer = (request: SeenRequest, reply: ServerResponse) => void

/** A running server on loopback. */
export interface RawHttpServer {
  readonly url: URL
  readonly port: number
  readonly seen: SeenRequest[]
  /** Number of TCP connections so far. */
  readonly connections: () => number
  answer: RawAnswer
  close(): Promise<void>
}

/** Listens on loopback; `port` 0 takes a free one. */
export async function startRawHttpServer(answer: RawAnswer, {port = 0} = {}): Promise<RawHttpServer> {
  let connections = 0
  const seen: SeenRequest[] = []
  const server = createServer({maxHeaderSize: 64 * 1024}, (request, reply) => {
    void bodyOf(request).then((body) => {
      const {method = '', url = '', headers, rawHeaders} = request
      const one: SeenRequest = {method, url, headers, rawHeaders, body}
      seen.push(one)
      running.answer(one, reply)
    })
  })
  server.on('connection', () => connections++)
  const taken = await listen(server, port)
  const running: RawHttpServer = {
    url: new URL(`http://127.0.0.1:${taken}/mcp`),
    port: taken,
    seen,
    connections: () => connections,
    answer,
    close: () => close(server),
  }
  return running
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    // The client hung up; what came is what was seen.
  }
  return Buffer.concat(chunks)
}

/** Answers with JSON bytes. */
export function json(reply: ServerResponse, body: string | Buffer, status = 200): void {
  reply.writeHead(status, {'Content-Type': 'application/json'}).end(body)
}

/** Opens an event stream. */
export function events(reply: ServerResponse): ServerResponse {
  return reply.writeHead(200, {'Content-Type': 'text/event-stream'})
}

/** A small but complete MCP server: handshake, `echo`-like answers to everything else. */
export const handshakeServer: RawAnswer = ({method, body}, reply) => {
  if (method !== 'POST') {
    reply.writeHead(method === 'DELETE' ? 200 : 405).end()
    return
  }
  const {id, method: rpc} = JSON.parse(body.toString()) as {id?: unknown; method: string}
  if (id === undefined) {
    reply.writeHead(202).end()
    return
  }
  const serverInfo = {name: 'raw', version: '1.2.3'}
  const result = rpc === 'initialize' ? {protocolVersion: '2025-11-25', capabilities: {}, serverInfo} : {}
  reply.writeHead(200, {'Content-Type': 'application/json', 'Mcp-Session-Id': 's-1'})
  reply.end(JSON.stringify({jsonrpc: '2.0', id, result}))
}
