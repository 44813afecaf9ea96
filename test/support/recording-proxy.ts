// Stands between a daemon and its tunnel service and keeps every exchange as it crossed, so that a test can hold the real
// traffic of both against the contract. It can also make of our service one that knows nothing beyond the contract.

import {Agent, createServer, type IncomingMessage, request} from 'node:http'
import type {AddressInfo} from 'node:net'

/** One request and what came back. */
export interface Exchange {
  readonly method: string
  readonly url: URL
  /** Lower-case name and values in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** Complete when the daemon has finished its request. */
  body: Buffer
  /** Null while there is no answer, and when the daemon went away before one. */
  answer: {readonly status: number; readonly headers: ReadonlyMap<string, readonly string[]>; body: Buffer} | null
}

/** A running proxy on loopback. */
export interface RecordingProxy {
  readonly url: string
  readonly exchanges: readonly Exchange[]
  close(): Promise<void>
}

/** How it changes what the service says; nothing by default. */
export interface RecordingProxyOptions {
  /** Takes away interim answers and the headers by which our service says what it can beyond the contract. */
  readonly plain?: boolean
}

/** Forwards to `target`, an http origin, until it is closed. */
export async function startRecordingProxy(
  target: string,
  {plain = false}: RecordingProxyOptions = {},
): Promise<RecordingProxy> {
  const {hostname, port} = new URL(target)
  const agent = new Agent({keepAlive: true, maxSockets: 256})
  const exchanges: Exchange[] = []
  const server = createServer((incoming, reply) => {
    const {method = '', url = '', rawHeaders} = incoming
    const exchange: Exchange = {
      method,
      url: new URL(url, target),
      headers: grouped(rawHeaders),
      body: Buffer.alloc(0),
      answer: null,
    }
    exchanges.push(exchange)
    const upward = request({hostname, port, method, path: url, headers: rawHeaders, agent}, (answer) => {
      const kept = plain ? withoutExtensions(answer.rawHeaders) : answer.rawHeaders
      const recorded = {status: answer.statusCode ?? 0, headers: grouped(kept), body: Buffer.alloc(0) as Buffer}
      reply.writeHead(recorded.status, kept)
      void pass(answer, (chunk) => reply.write(chunk)).then((body) => {
        recorded.body = body
        exchange.answer = recorded
        reply.end()
      }, cut)
    })
    const cut = (): void => {
      upward.destroy()
      reply.destroy()
    }
    upward.on('error', cut)
    upward.on('information', ({statusCode}) => {
      if (statusCode === 102 && !plain) reply.writeProcessing()
    })
    reply.on('close', () => reply.writableFinished || cut())
    void pass(incoming, (chunk) => upward.write(chunk)).then((body) => {
      exchange.body = body
      upward.end()
    }, cut)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        agent.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function pass(from: IncomingMessage, to: (chunk: Buffer) => void): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of from) {
    chunks.push(chunk as Buffer)
    to(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

function grouped(rawHeaders: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[i + 1]!])
  }
  return headers
}

function withoutExtensions(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => !/^x-tunnel-service-/i.test(rawHeaders[i - (i % 2)]!))
}
