// An MCP client reduced to its HTTP calls, and bytes on a socket where a library would hide something.

import {connect, type Socket} from 'node:net'
import {type Agent, request} from 'undici'
import {inTest} from './exchange.ts'

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

/** A socket whose received bytes can be waited for. */
export class RawSocket {
  readonly socket: Socket
  received: Buffer = Buffer.alloc(0)
  closed = false
  #wake: (() => void)[] = []

  constructor(target: {host: string; port: number} | {path: string}) {
    this.socket = connect(target as {path: string})
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#notify()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
      this.#notify()
    })
  }

  static to(url: string): RawSocket {
    const {hostname, port} = new URL(url)
    return new RawSocket({host: hostname, port: Number(port)})
  }

  write(text: string | Buffer): void {
    this.socket.write(text)
  }

  /** Resolves when `text` has been received. */
  async until(text: string | (() => boolean)): Promise<string> {
    const met = typeof text === 'string' ? () => this.received.includes(text) : text
    while (!met()) {
      if (this.closed) throw new Error(`closed before it came; got ${this.received.toString('latin1').slice(0, 500)}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
    return this.received.toString('latin1')
  }

  /** Resolves with everything once the other side has closed. */
  async end(): Promise<Buffer> {
    while (!this.closed) await new Promise<void>((resolve) => this.#wake.push(resolve))
    return this.received
  }

  destroy(): void {
    this.socket.destroy()
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

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
