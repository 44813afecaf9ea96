// A server in this process, over an object transport as the MCP SDKs have it. Multiplexed by id like a child, because its
// callers share one connection too; what cannot survive JSON.parse (integers beyond 2^53) does not survive here.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {readRpcMessage} from '../../../foundation/wire/index.ts'
import type {
  Channel,
  ChannelCall,
  ChannelEvent,
  ChannelEvidence,
  ChannelHandle,
  ChannelSink,
  ChannelStatus,
  UpstreamHead,
} from '../channel.ts'
import type {ChannelContext, MemoryBinding, ObjectTransport} from '../context.ts'
import {EvidenceBoard} from '../evidence.ts'
import {channelFailure} from '../failures.ts'
import {Multiplexer} from '../multiplex/multiplexer.ts'

/** Before a closed transport is replaced, in milliseconds. */
const RECONNECT_MS = 100
const NO_SESSIONS: UpstreamHead = {status: 405, headers: []}

/** Connects at `start()`; a transport that closes is replaced by a fresh one at once. */
export function createMemoryChannel(binding: MemoryBinding, context: ChannelContext): Channel {
  return new MemoryChannel(binding, context)
}

class MemoryChannel implements Channel {
  readonly name: string
  readonly kind = 'in-memory'
  readonly processAffinity = true
  readonly #binding: MemoryBinding
  readonly #board: EvidenceBoard
  readonly #multiplexer: Multiplexer
  #transport: ObjectTransport | null = null
  #stopped = false

  constructor(binding: MemoryBinding, {log, clock, connectionMaxTtl}: ChannelContext) {
    this.name = binding.channel
    this.#binding = binding
    this.#board = new EvidenceBoard(clock)
    this.#multiplexer = new Multiplexer({
      log: log.child({component: 'mcpclient', channel: binding.channel}),
      clock,
      taskTtl: connectionMaxTtl,
      onSilence: () => {},
      onLife: () => this.#board.ok(),
      onServer: (server) => this.#board.ok(server),
      onGarbage: () => {},
    })
  }

  start(): Promise<void> {
    return this.#connect()
  }

  async probe(): Promise<ChannelEvidence> {
    // It lives as long as we do.
    if (this.#transport !== null) this.#board.ok()
    return this.#board.current
  }

  send(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    return this.#multiplexer.send(call, sink)
  }

  async terminateSession(_headers: RawHeaders): Promise<UpstreamHead> {
    return NO_SESSIONS
  }

  status(): ChannelStatus {
    return {name: this.name, kind: this.kind, evidence: this.#board.current, details: []}
  }

  watch(listener: (event: ChannelEvent) => void): () => void {
    return this.#board.watch(listener)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#multiplexer.bury(channelFailure({failure: 'draining', status: 503, message: 'the tunnel is stopping'}))
    await this.#transport?.close()
  }

  async #connect(): Promise<void> {
    const transport = await this.#binding.connect()
    transport.onmessage = (message) => this.#multiplexer.receive(Buffer.from(JSON.stringify(message)))
    transport.onclose = () => this.#closed(transport)
    await transport.start()
    this.#transport = transport
    this.#multiplexer.attach({
      write: (bytes) => {
        const message = parse(bytes)
        if (message === null) queueMicrotask(() => this.#unreadable(bytes))
        else void transport.send(message).catch(() => this.#closed(transport))
        return true
      },
    })
  }

  /** What a server on a pipe would say to it. */
  #unreadable(bytes: Buffer): void {
    const {id} = readRpcMessage(bytes)
    if (id === null) return
    const error = '{"code":-32700,"message":"Parse error"}'
    this.#multiplexer.receive(Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${error}}`))
  }

  #closed(transport: ObjectTransport): void {
    if (this.#stopped || this.#transport !== transport) return
    this.#transport = null
    const message = 'the in-memory server closed its connection'
    this.#multiplexer.detach(channelFailure({failure: 'closed', message}))
    this.#board.failed(message, 'closed')
    setTimeout(() => {
      if (this.#stopped) return
      void this.#connect().then(
        () => this.#board.ok(),
        () => this.#multiplexer.bury(channelFailure({failure: 'closed', message})),
      )
    }, RECONNECT_MS).unref()
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
