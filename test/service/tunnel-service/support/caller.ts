// An MCP client reduced to its HTTP calls, and bytes on a socket where a library would hide something.

import {type Agent, request} from 'undici'
import {inTest} from './exchange.ts'

export {RawSocket} from '../../../support/raw-socket.ts'

export const BOTH = 'application/json, text/event-stream'

export interface CallReply {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface CallOptions {
  headers?: Record<string, string>
  method?: string
  dispatcher?: Agent
  signal?: AbortSignal
}

/** Posts a body as an MCP client does. */
export const call = (url: string, body: string | Buffer, options: CallOptions = {}): Promise<CallReply> =>
  inTest(exchange(url, body, options))

async function exchange(url: string, body: string | Buffer, options: CallOptions): Promise<CallReply> {
  const reply = await request(url, {
    method: (options.method ?? 'POST') as 'POST',
    headers: {'content-type': 'application/json', accept: BOTH, ...options.headers},
    ...(body.length > 0 ? {body} : {}),
    ...(options.dispatcher ? {dispatcher: options.dispatcher} : {}),
    ...(options.signal ? {signal: options.signal} : {}),
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {status: reply.statusCode, headers: reply.headers, text: await reply.body.text()}
}

/** A tools/call as text. */
export const toolCall = (id: number | string, params: unknown = {}): string =>
  JSON.stringify({jsonrpc: '2.0', id, method: 'tools/call', params})

/** The JSON of each `data:` event of a stream. */
export const eventsOf = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => JSON.parse(block.slice(6)) as unknown)

/** A request as bytes. */
export function httpBytes(
  method: string,
  path: string,
  options: {headers?: Record<string, string>; body?: string | Buffer} = {},
): Buffer {
  const body = Buffer.from(options.body ?? '')
  const headers = {
    Host: 'localhost',
    ...(body.length > 0 ? {'Content-Length': String(body.length)} : {}),
    ...options.headers,
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`), body])
}
