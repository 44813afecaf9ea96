// An HTTP/1.1 proxy with a mind of its own: it hands everything on faithfully, connection by connection, until a rule says
// otherwise. A rule sees whole messages and has the raw socket in its hands.

import {Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {quietPort} from '../../../support/servers/loopback.ts'

/** A request that came to the proxy. */
export interface ProxiedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['rawHeaders']
  readonly body: Buffer
}

/** A complete reply of the real server. */
export interface ProxiedReply {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: Buffer
}

/** One exchange in the hands of a rule. */
export interface ProxiedExchange {
  readonly request: ProxiedRequest
  readonly response: ServerResponse
  /** The connection to the one who asked. */
  readonly socket: Socket
  /** Asks the real server, at another path and query if told so; interim answers are passed on. */
  forward(other?: Partial<Pick<ProxiedRequest, 'url' | 'body'>>): Promise<ProxiedReply>
  /** Hands a reply on as it is. */
  reply(reply: ProxiedReply): void
}

/** What a rule is about, and what it does. Exactly one of the three actions. */
export interface Rule {
  /** Looks at the head only and is asked before the body is read; `onHead` must answer or destroy. */
  readonly onHead?: (incoming: IncomingMessage, response: ServerResponse) => boolean
  /** Asked with the whole request. Returns null when it is not meant. */
  readonly onRequest?: (exchange: ProxiedExchange) => Promise<void> | void | null
  /** Asked with the real server's reply. Returns null when it is not meant. */
  readonly onReply?: (exchange: ProxiedExchange, reply: ProxiedReply) => Promise<void> | void | null
}

/** One proxy in front of one server. */
export class FaultProxy {
  readonly #rules = new Set<Rule>()
  readonly #agents = new Map<Socket, Agent>()
  readonly #deaf = new Set<Socket>()
  readonly #server: Server
  #upstream: URL

  private constructor(upstream: URL) {
    this.#upstream = upstream
    this.#server = createServer({keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0}, (incoming, response) => {
      void this.#serve(incoming, response).catch(() => response.destroy())
    })
    this.#server.on('connection', (socket: Socket) => {
      const agent = new Agent({keepAlive: true, maxSockets: 1})
      this.#agents.set(socket, agent)
      socket.on('error', () => {})
      socket.once('close', () => {
        // Behind a silent drop the other side does not learn of the end.
        if (!this.#deaf.delete(socket)) agent.destroy()
        this.#agents.delete(socket)
      })
    })
    this.#server.on('clientError', (_error, socket) => socket.destroy())
  }

  /** Listens on loopback, at a port of its own, which stays its own while it has vanished. */
  static async listen(upstream: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(upstream))
    const port = await quietPort()
    await new Promise<void>((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Where the real server is now. */
  set upstream(url: string) {
    this.#upstream = new URL(url)
  }

  /** The connections that are open now. */
  get sockets(): readonly Socket[] {
    return [...this.#agents.keys()]
  }

  /** Adds a rule; the first that feels meant acts. Returns how to take it back. */
  rule(rule: Rule): () => void {
    this.#rules.add(rule)
    return () => this.#rules.delete(rule)
  }

  /** Takes all rules back. */
  calm(): void {
    this.#rules.clear()
  }

  /** From now on nothing comes through the connections that are open now, and nobody is told. New ones work. */
  dropSilently(): void {
    for (const socket of this.sockets) this.#deaf.add(socket)
  }

  /** Resets every connection on which nothing has moved for `ms`, now and later. Returns how to stop that. */
  cutIdle(ms: number): () => void {
    const moved = new Map<Socket, {bytes: number; at: number}>()
    const timer = setInterval(() => {
      for (const socket of this.sockets) {
        const bytes = socket.bytesRead + socket.bytesWritten
        const last = moved.get(socket)
        if (last?.bytes !== bytes) moved.set(socket, {bytes, at: performance.now()})
        else if (performance.now() - last.at >= ms) socket.resetAndDestroy()
      }
    }, 100)
    return () => clearInterval(timer)
  }

  /** Refuses connections and resets those that are open, until what it returns is called. */
  async vanish(): Promise<() => Promise<void>> {
    const {port} = this.#server.address() as AddressInfo
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.sockets) socket.resetAndDestroy()
    await closed
    return () => new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#deaf.has(incoming.socket)) return
    for (const {onHead} of this.#rules) if (onHead?.(incoming, response)) return
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const asked: ProxiedRequest = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.rawHeaders,
      body: Buffer.concat(chunks),
    }
    const exchange: ProxiedExchange = {
      request: asked,
      response,
      socket: incoming.socket,
      forward: (other) => this.#forward({...asked, ...other}, response, incoming.socket),
      reply: ({status, headers, body}) => {
        if (response.destroyed || this.#deaf.has(incoming.socket)) return
        response.writeHead(status, withLength(headers, body)).end(body)
      },
    }
    for (const {onRequest} of this.#rules) {
      const done = onRequest?.(exchange)
      if (done !== null && onRequest !== undefined) return done
    }
    const reply = await exchange.forward()
    for (const {onReply} of this.#rules) {
      const done = onReply?.(exchange, reply)
      if (done !== null && onReply !== undefined) return done
    }
    exchange.reply(reply)
  }

  #forward(asked: ProxiedRequest, response: ServerResponse, socket: Socket): Promise<ProxiedReply> {
    return new Promise((resolve, reject) => {
      const agent = this.#agents.get(socket)
      if (agent === undefined) return reject(new Error('the connection is gone'))
      const {hostname, port} = this.#upstream
      const {method, url: path, headers} = asked
      const sent = request({hostname, port, method, path, agent, headers: headers as never})
      const stop = (): void => {
        sent.destroy()
      }
      response.once('close', stop)
      sent.on('information', ({statusCode}) => {
        if (statusCode === 102 && !response.destroyed && !this.#deaf.has(socket)) response.writeProcessing()
      })
      sent.on('response', (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('error', reject)
        reply.on('end', () => {
          response.off('close', stop)
          resolve({status: reply.statusCode ?? 0, headers: reply.rawHeaders, body: Buffer.concat(chunks)})
        })
      })
      sent.on('error', reject)
      sent.end(asked.body)
    })
  }
}

/** A reply's fields without its framing, but with the length of `body`. */
export function withLength(headers: readonly string[], body: Buffer): string[] {
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    if (/^(connection|keep-alive|transfer-encoding|content-length)$/i.test(headers[at]!)) continue
    kept.push(headers[at]!, headers[at + 1]!)
  }
  return [...kept, 'Content-Length', String(body.length)]
}
