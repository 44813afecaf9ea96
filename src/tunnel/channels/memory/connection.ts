// One server object and everybody who calls it: its transport, and the multiplexer that gives each caller its own ids.

import type {Logger} from '../../../foundation/platform/index.ts'
import {readRpcMessage} from '../../../foundation/wire/index.ts'
import type {ChannelCall, ChannelFailure, ChannelHandle, ChannelSink} from '../channel.ts'
import type {ChannelContext, ServerTransport} from '../context.ts'
import type {EvidenceBoard} from '../evidence.ts'
import {Multiplexer} from '../multiplex/multiplexer.ts'
import {MemoryTransport} from './server-transport.ts'

/** What is said of a server that ends a connection by itself. */
export const HUNG_UP = 'the MCP server in this process closed its connection'

/** What a {@link MemoryConnection} is made from. */
export interface MemoryConnectionOptions {
  readonly context: ChannelContext
  readonly log: Logger
  readonly board: EvidenceBoard
  /** Given to the server as the name of its session; undefined: none. */
  readonly sessionId?: string
  /** Connects a server to the transport. */
  connect(transport: ServerTransport): Promise<void> | void
  /** The server has closed the connection. Not called after {@link MemoryConnection.end}. */
  closed(): void
}

/** A connection that can be opened again after the server has closed it. */
export class MemoryConnection {
  readonly #options: MemoryConnectionOptions
  readonly #multiplexer: Multiplexer
  #transport: MemoryTransport | null = null
  #ended = false

  constructor(options: MemoryConnectionOptions) {
    const {context, log, board} = options
    this.#options = options
    this.#multiplexer = new Multiplexer({
      log,
      clock: context.clock,
      taskTtl: context.connectionMaxTtl,
      onSilence: () => {},
      onLife: () => board.ok(),
      onServer: (server) => board.ok(server),
      onGarbage: () => {},
    })
  }

  /** Calls that the server has received and not answered. */
  get working(): number {
    return this.#multiplexer.working
  }

  get open(): boolean {
    return this.#transport !== null
  }

  /** Connects a server. Rejects with whatever connecting threw, or when it hung up. Calls that came before wait for it. */
  async connect(): Promise<void> {
    const transport: MemoryTransport = new MemoryTransport(
      {
        receive: (bytes, about) => {
          if (this.#transport === transport) this.#multiplexer.receive(bytes, about)
        },
        closed: () => this.#closed(transport),
        defect: (thrown) => this.#defect(thrown),
      },
      this.#options.sessionId,
    )
    this.#transport = transport
    try {
      await this.#options.connect(transport)
    } catch (thrown) {
      if (this.#transport === transport) this.#transport = null
      void transport.close().catch(() => {})
      throw thrown
    }
    if (this.#ended) {
      await transport.close()
      return
    }
    if (this.#transport !== transport) throw new Error(HUNG_UP)
    this.#multiplexer.attach({
      write: (bytes) => {
        const message = parse(bytes)
        if (message === null) queueMicrotask(() => this.#unreadable(bytes))
        else transport.deliver(message)
        return true
      },
    })
  }

  send(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    return this.#multiplexer.send(call, sink)
  }

  /** Ends it for good: what was in flight and what comes later fails with `failure`. */
  async end(failure: ChannelFailure): Promise<void> {
    this.#ended = true
    const transport = this.#transport
    this.#transport = null
    this.#multiplexer.bury(failure)
    // Its owner may throw in its handler; that must not keep the rest from ending.
    await transport?.close().catch((thrown) => this.#defect(thrown))
  }

  /** What was in flight fails; what comes waits for the next {@link connect}. */
  detach(failure: ChannelFailure): void {
    this.#multiplexer.detach(failure)
  }

  #closed(transport: MemoryTransport): void {
    if (this.#ended || this.#transport !== transport) return
    this.#transport = null
    this.#options.closed()
  }

  #defect(thrown: unknown): void {
    this.#options.log.warn('the MCP server in this process threw', {
      error: thrown instanceof Error ? thrown.message : String(thrown),
    })
  }

  /** What a server on a pipe would say to it. */
  #unreadable(bytes: Buffer): void {
    const {id} = readRpcMessage(bytes)
    if (id === null) return
    const error = '{"code":-32700,"message":"Parse error"}'
    this.#multiplexer.receive(Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}`))
  }
}

/** Null for a payload that is garbage inside its envelope. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}
