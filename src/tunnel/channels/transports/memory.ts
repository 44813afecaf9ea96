// Servers in this process, over an object transport as the MCP SDKs have it. What cannot survive JSON.parse (integers
// beyond 2^53) does not survive here. A binding decides whether its callers share one server object, or whether each
// session has one of its own, named by an `Mcp-Session-Id` of ours as over HTTP.

import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import type {RawHeaders} from '../../../foundation/platform/index.ts'
import {headerOf, readRpcMessage, rpcError} from '../../../foundation/wire/index.ts'
import type {
  Channel,
  ChannelCall,
  ChannelEvent,
  ChannelEvidence,
  ChannelFailure,
  ChannelHandle,
  ChannelSink,
  ChannelStatus,
  UpstreamHead,
} from '../channel.ts'
import type {ChannelContext, MemoryBinding} from '../context.ts'
import {EvidenceBoard} from '../evidence.ts'
import {channelFailure} from '../failures.ts'
import {HUNG_UP, MemoryConnection} from '../memory/connection.ts'
import {MemorySessions} from '../memory/sessions.ts'

/** Before a closed transport is replaced, in milliseconds; doubled while that fails, up to the maximum. */
const RECONNECT_MS = 100
const RECONNECT_MAX_MS = 10_000
/** From this version on the protocol has no sessions, and its servers are made for it. */
const FIRST_WITHOUT_SESSIONS = '2026-07-28'
const SESSION_NOT_FOUND = -32001

/** Connects at `start()`, so that a server that cannot be made is known then. */
export function createMemoryChannel(binding: MemoryBinding, context: ChannelContext): Channel {
  return new MemoryChannel(binding, context)
}

class MemoryChannel implements Channel {
  readonly name: string
  readonly kind = 'in-memory'
  readonly processAffinity = true
  readonly #binding: MemoryBinding
  readonly #context: ChannelContext
  readonly #board: EvidenceBoard
  readonly #sessions: MemorySessions
  /** Connections of callers without a session, by era. `shared`: everybody's, under one name. */
  readonly #lasting = new Map<Era, MemoryConnection>()
  #stopped = false

  constructor(binding: MemoryBinding, context: ChannelContext) {
    this.name = binding.channel
    this.#binding = binding
    this.#context = {...context, log: context.log.child({component: 'mcpclient', channel: binding.channel})}
    this.#board = new EvidenceBoard(context.clock)
    this.#sessions = new MemorySessions(context.clock)
  }

  async start(): Promise<void> {
    const connection = this.#lastingConnection('sessions')
    try {
      await connection.connect()
    } catch (thrown) {
      this.#lasting.delete('sessions')
      throw new TunnelError(
        'TC-CHANNEL-SERVER',
        `the MCP server of channel ${JSON.stringify(this.name)} cannot be connected: ${messageOf(thrown)}`,
        {cause: thrown},
      )
    }
  }

  async probe(): Promise<ChannelEvidence> {
    // It lives as long as we do, unless it could not be connected.
    if (this.#lasting.get('sessions')?.open) this.#board.ok()
    return this.#board.current
  }

  send(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    if (this.#stopped) return refused(sink, stopping())
    if (this.#binding.sessions === 'shared') return this.#lastingConnection('sessions').send(call, sink)
    const session = headerOf(call.headers, 'mcp-session-id')
    if (session !== null) {
      const connection = this.#sessions.use(session)
      return connection === undefined ? refused(sink, unknownSession(call)) : connection.send(call, sink)
    }
    if (call.message.method === 'initialize' && call.message.kind === 'request') return this.#openSession(call, sink)
    const era = eraOf(call.headers)
    const known = this.#lasting.get(era)
    const connection = known ?? this.#lastingConnection(era)
    if (known === undefined) this.#reconnect(era, connection, 0)
    return connection.send(call, sink)
  }

  async terminateSession(headers: RawHeaders): Promise<UpstreamHead> {
    const session = headerOf(headers, 'mcp-session-id')
    if (this.#binding.sessions === 'shared' || session === null) return {status: 405, headers: []}
    const connection = this.#sessions.remove(session)
    if (connection === undefined) return {status: 404, headers: []}
    await connection.end(channelFailure({failure: 'closed', message: 'the client has ended this session'}))
    return {status: 200, headers: []}
  }

  status(): ChannelStatus {
    const sessions = {key: 'sessions', value: String(this.#sessions.size)}
    const details = this.#binding.sessions === 'each' ? [sessions] : []
    return {
      name: this.name,
      kind: this.kind,
      evidence: this.#board.current,
      target: '',
      lastLife: this.#board.lastLife,
      details,
    }
  }

  watch(listener: (event: ChannelEvent) => void): () => void {
    return this.#board.watch(listener)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const all = [...this.#lasting.values(), ...this.#sessions.clear()]
    this.#lasting.clear()
    await Promise.all(all.map((connection) => connection.end(stopping())))
  }

  #openSession(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    const message = 'nobody has used this session for long'
    for (const stale of this.#sessions.stale()) void stale.end(channelFailure({failure: 'closed', message}))
    const opened = this.#sessions.open((id) => {
      const connection: MemoryConnection = this.#connection({
        sessionId: id,
        closed: () => {
          this.#sessions.remove(id)
          void connection.end(channelFailure({failure: 'closed', message: HUNG_UP}))
        },
      })
      return connection
    })
    if (opened === null) {
      return refused(sink, channelFailure({failure: 'queue_full', status: 503, message: 'too many sessions at work'}))
    }
    const {id, connection} = opened
    const forget = (message: string): void => {
      this.#sessions.remove(id)
      void connection.end(channelFailure({failure: 'closed', message}))
    }
    const handle = connection.send(call, {
      ...forwarding(sink),
      onResponse: (raw, head) => {
        const failed = readRpcMessage(raw).isError
        sink.onResponse(raw, failed ? head : {...head, headers: [...head.headers, 'Mcp-Session-Id', id]})
        if (failed) forget('the handshake of this session was refused')
      },
      onFailure: (failure) => {
        sink.onFailure(failure)
        forget('the handshake of this session failed')
      },
    })
    connection.connect().then(
      () => {
        // It may have hung up meanwhile, or its caller left.
        if (connection.open) this.#board.ok()
      },
      (thrown) => {
        this.#board.failed(`the MCP server cannot be connected: ${messageOf(thrown)}`, 'closed')
        forget(`the MCP server cannot be connected: ${messageOf(thrown)}`)
      },
    )
    return handle
  }

  /** The connection of an era, made when it is new, and then not connected yet. */
  #lastingConnection(era: Era): MemoryConnection {
    const known = this.#lasting.get(era)
    if (known !== undefined) return known
    const connection: MemoryConnection = this.#connection({
      closed: () => {
        connection.detach(channelFailure({failure: 'closed', message: HUNG_UP}))
        this.#board.failed(HUNG_UP, 'closed')
        this.#reconnect(era, connection, RECONNECT_MS)
      },
    })
    this.#lasting.set(era, connection)
    return connection
  }

  #connection(more: {readonly sessionId?: string; closed(): void}): MemoryConnection {
    return new MemoryConnection({
      context: this.#context,
      log: this.#context.log,
      board: this.#board,
      connect: (transport) => this.#binding.connect(transport),
      ...more,
    })
  }

  /** Connects after a while, again and again; what comes meanwhile fails when a try does. */
  #reconnect(era: Era, connection: MemoryConnection, ms: number): void {
    const attempt = async (): Promise<void> => {
      if (this.#stopped || this.#lasting.get(era) !== connection) return
      try {
        await connection.connect()
        this.#board.ok()
      } catch (thrown) {
        const message = `the MCP server cannot be connected: ${messageOf(thrown)}`
        this.#board.failed(message, 'closed')
        if (this.#lasting.get(era) !== connection) return
        // A fresh one takes its place, so that callers hear at once and the next try starts clean.
        this.#lasting.delete(era)
        void connection.end(channelFailure({failure: 'closed', message}))
        this.#reconnect(era, this.#lastingConnection(era), Math.min(Math.max(ms, RECONNECT_MS) * 2, RECONNECT_MAX_MS))
      }
    }
    if (ms === 0) void attempt()
    else setTimeout(() => void attempt(), ms).unref()
  }
}

/** Which connection a call without a session belongs to. */
type Era = 'sessions' | 'stateless'

const eraOf = (headers: RawHeaders): Era =>
  (headerOf(headers, 'mcp-protocol-version') ?? '') >= FIRST_WITHOUT_SESSIONS ? 'stateless' : 'sessions'

const forwarding = (sink: ChannelSink): ChannelSink => ({
  onHead: () => sink.onHead?.(),
  onNotification: (raw, head) => sink.onNotification(raw, head),
  onServerRequest: (question, head) => sink.onServerRequest?.(question, head),
  onResponse: (raw, head) => sink.onResponse(raw, head),
  onAccepted: (head) => sink.onAccepted(head),
  onFailure: (failure) => sink.onFailure(failure),
})

function refused(sink: ChannelSink, failure: ChannelFailure): ChannelHandle {
  sink.onFailure(failure)
  return {cancel: () => {}, pause: () => {}, resume: () => {}}
}

const stopping = (): ChannelFailure =>
  channelFailure({failure: 'draining', status: 503, message: 'the tunnel is stopping'})

/** As an HTTP server says it: clients begin a new session then. */
function unknownSession({message}: ChannelCall): ChannelFailure {
  const error = rpcError({id: message.id, code: SESSION_NOT_FOUND, message: 'Session not found'})
  return channelFailure({
    failure: 'mcp_status',
    status: 404,
    upstreamResponded: true,
    message: 'no such session of the MCP server in this process',
    ...(message.kind === 'request' ? {preserved: error} : {}),
  })
}
