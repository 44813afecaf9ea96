// Streamable HTTP: one POST per message, nothing of a session kept here. What arrives is judged in http/, what is known
// of the server's life in probe/.

import {TunnelError} from '../../../foundation/errors/index.ts'
import type {DestinationSpec, Instant, RawHeaders} from '../../../foundation/platform/index.ts'
import type {
  Channel,
  ChannelCall,
  ChannelEvent,
  ChannelEvidence,
  ChannelHandle,
  ChannelListen,
  ChannelSink,
  ChannelStatus,
  UpstreamHead,
} from '../channel.ts'
import type {ChannelBinding, ChannelContext} from '../context.ts'
import {EvidenceBoard} from '../evidence.ts'
import {Exchange, type ExchangeContext} from '../http/exchange.ts'
import {Lingering} from '../http/reply/lingering.ts'
import {HeaderInvalid, isFraming} from '../http/request-headers.ts'
import {HttpTarget} from '../http/target.ts'
import {handshake} from '../probe/handshake.ts'
import {HttpMonitor} from '../probe/http-monitor.ts'
import {SessionStream} from '../session-stream/session-stream.ts'

type HttpBinding = Extract<ChannelBinding, {kind: 'http'}>

/** A session's end is waited for this long when the command has no deadline. */
const TERMINATION_MS = 10_000
/** Each open stream holds one: 256 of sessions and 256 of calls that wait for their callers leave enough for the others. */
const CONNECTIONS = 1024

/** Opens nothing before `start()`. */
export function createHttpChannel(binding: HttpBinding, context: ChannelContext): Channel {
  return new HttpChannel(binding, context)
}

class HttpChannel implements Channel {
  readonly name: string
  readonly kind = 'http-streamable'
  readonly processAffinity = false
  readonly #binding: HttpBinding
  readonly #context: ChannelContext
  readonly #board: EvidenceBoard
  readonly #target: HttpTarget
  readonly #lingering = new Lingering()
  readonly #monitor: HttpMonitor
  readonly #tunnel: ExchangeContext

  constructor(binding: HttpBinding, context: ChannelContext) {
    const {clock, log, door, identity} = context
    this.name = binding.channel
    this.#binding = binding
    this.#context = context
    this.#board = new EvidenceBoard(clock)
    this.#target = new HttpTarget({
      destination: door.destination(destinationOf(binding, context)),
      url: binding.url,
      userAgent: `${identity.name}/${identity.version}`,
      extraHeaders: context.extraHeaders,
      discoveryExtraHeaders: context.discoveryExtraHeaders,
      clock,
    })
    const common = {target: this.#target, lingering: this.#lingering}
    this.#tunnel = {
      ...common,
      purpose: 'tunnel',
      onStatus: (status) => this.#monitor.sawStatus(status),
      onTrouble: (failure) => this.#monitor.sawTrouble(failure),
      onSilence: () => this.#monitor.sawSilence(),
    }
    const ownQuestions: ExchangeContext = {
      ...common,
      purpose: 'discovery',
      onStatus: () => {},
      onTrouble: () => {},
      onSilence: () => {},
    }
    this.#monitor = new HttpMonitor({
      board: this.#board,
      clock,
      log: log.child({component: 'mcpclient', channel: this.name}),
      isMain: this.name === 'main',
      target: addressOf(binding.url),
      startupWait: this.name === 'main' ? context.startupWaitTimeout : 0,
      unixSocket: binding.unixSocket !== null,
      announce: context.announce,
      advise: (failure) => context.advise(this.name, failure),
      handshake: (timeout) => handshake({context: ownQuestions, identity, timeout}),
      glance: (timeout) => this.#glance(timeout),
    })
  }

  async start(): Promise<void> {
    const {protocol} = this.#binding.url
    const origin = this.#context.originOf(this.name)
    if (protocol !== 'http:' && protocol !== 'https:') {
      throw new TunnelError(
        'TC-CHANNEL-URL',
        `channel ${this.name}: an MCP server is reached by http or https, not by ${protocol}`,
        origin === undefined ? {} : {origin},
      )
    }
    for (const {name} of [...this.#context.extraHeaders, ...this.#context.discoveryExtraHeaders]) {
      if (!isFraming(name)) continue
      this.#context.log.warn('mcp extra header cannot override protected header', {
        component: 'mcpclient',
        channel: this.name,
        header: name,
      })
    }
    const {unixSocket, clientCertificate, url} = this.#binding
    this.#context.log.info('mcp channel route resolved', {
      component: 'mcpclient',
      channel: this.name,
      transport: this.kind,
      mtls_enabled: clientCertificate !== null,
      route_kind: 'mcp_channel',
      route_name: this.name,
      target_host: url.host,
      route_mode: 'direct',
      proxy_source: 'none',
      ...(clientCertificate === null ? {} : {mtls_cert_path: clientCertificate.certPath}),
      ...(unixSocket === null ? {} : {unix_socket_path: unixSocket}),
    })
  }

  probe(): Promise<ChannelEvidence> {
    return this.#monitor.probe()
  }

  send(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    return new Exchange(this.#tunnel, call, sink).start()
  }

  listen(listen: ChannelListen, sink: ChannelSink): ChannelHandle {
    return new SessionStream(this.#tunnel, listen, sink).start()
  }

  async terminateSession(headers: RawHeaders, deadline: Instant | null): Promise<UpstreamHead> {
    let request: string[]
    try {
      request = this.#target.plainHeaders('tunnel', headers)
    } catch (thrown) {
      if (thrown instanceof HeaderInvalid) return {status: 400, headers: []}
      throw thrown
    }
    const until = deadline ?? this.#context.clock.now() + TERMINATION_MS
    const cookies = this.#target.cookies.scope(request)
    const ended = await this.#target.head({method: 'DELETE', path: this.#target.path, headers: request, cookies}, until)
    if ('head' in ended) {
      if (ended.head.status < 300) cookies.end()
      this.#monitor.sawStatus(ended.head.status)
      return ended.head
    }
    this.#monitor.sawTrouble(ended.failure)
    return {status: 502, headers: []}
  }

  status(): ChannelStatus {
    const {unixSocket} = this.#binding
    return {
      name: this.name,
      kind: this.kind,
      evidence: this.#board.current,
      target: addressOf(this.#binding.url),
      lastLife: this.#board.lastLife,
      details: [
        {key: 'address', value: addressOf(this.#binding.url)},
        ...(unixSocket === null ? [] : [{key: 'unix_socket', value: unixSocket}]),
      ],
    }
  }

  watch(listener: (event: ChannelEvent) => void): () => void {
    return this.#board.watch(listener)
  }

  async stop(): Promise<void> {
    this.#monitor.stop()
    this.#lingering.stop()
    await this.#target.destination.close()
  }

  /** The least that can be asked: whoever answers it below 500 is there. */
  async #glance(timeout: number): Promise<number | null> {
    const headers = this.#target.plainHeaders('discovery', [])
    const until = this.#context.clock.now() + timeout
    const seen = await this.#target.head({method: 'HEAD', path: this.#target.path, headers, idempotent: true}, until)
    return 'head' in seen ? seen.head.status : null
  }
}

function destinationOf(binding: HttpBinding, context: ChannelContext): DestinationSpec {
  const {channel, url, unixSocket, clientCertificate} = binding
  return {
    name: `mcp:${channel}`,
    origin: url,
    connections: CONNECTIONS,
    ...(unixSocket === null ? {} : {unixSocket}),
    ...(clientCertificate === null
      ? {}
      : {clientCertificate: {cert: clientCertificate.cert, key: clientCertificate.key}}),
    ...(context.extraCa.length === 0 ? {} : {extraCa: context.extraCa}),
  }
}

/** For people and logs: without user, password and query. */
const addressOf = (url: URL): string => url.origin + url.pathname
