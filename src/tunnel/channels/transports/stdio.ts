// stdio: one supervised child, shared by all callers. Calls are multiplexed in multiplex/, the process lives in stdio/.

import type {RawHeaders} from '../../../foundation/platform/index.ts'
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
import type {ChannelBinding, ChannelContext} from '../context.ts'
import {EvidenceBoard} from '../evidence.ts'
import {channelFailure} from '../failures.ts'
import {Multiplexer} from '../multiplex/multiplexer.ts'
import {ReceiptBook} from '../receipt/protocol-receipt.ts'
import {childEnvironment} from '../stdio/environment.ts'
import {Supervisor} from '../stdio/supervisor.ts'
import {DEFAULT_TIMING, type StdioTiming} from '../stdio/timing.ts'

type StdioBinding = Extract<ChannelBinding, {kind: 'stdio'}>

const NO_SESSIONS: UpstreamHead = {status: 405, headers: []}
const SAMPLE_BYTES = 200

/** Starts nothing before `start()`. */
export function createStdioChannel(
  binding: StdioBinding,
  context: ChannelContext,
  timing: StdioTiming = DEFAULT_TIMING,
): Channel {
  return new StdioChannel(binding, context, timing)
}

class StdioChannel implements Channel {
  readonly name: string
  readonly kind = 'stdio'
  readonly processAffinity = true
  readonly #binding: StdioBinding
  readonly #context: ChannelContext
  readonly #board: EvidenceBoard
  readonly #multiplexer: Multiplexer
  readonly #receipts: ReceiptBook
  readonly #supervisor: Supervisor
  #saidGarbage = false

  constructor(binding: StdioBinding, context: ChannelContext, timing: StdioTiming) {
    const {clock, connectionMaxTtl, env, secretVariables, stderr} = context
    const log = context.log.child({component: 'mcpclient', channel: binding.channel})
    this.name = binding.channel
    this.#binding = binding
    this.#context = {...context, log}
    this.#board = new EvidenceBoard(clock)
    this.#receipts = new ReceiptBook(clock)
    this.#multiplexer = new Multiplexer({
      log,
      clock,
      taskTtl: connectionMaxTtl,
      serial: binding.serial === true,
      onLife: (answer) => this.#supervisor.liveness.alive(answer),
      onSilence: (method) => this.#supervisor.liveness.silent(method),
      onServer: (server) => this.#board.ok(server),
      receipts: this.#receipts,
      onGarbage: (bytes) => this.#garbage(bytes),
    })
    this.#supervisor = new Supervisor({
      channel: binding.channel,
      origin: context.originOf(binding.channel),
      command: binding.command,
      argv: binding.argv,
      environment: childEnvironment(env, secretVariables),
      stderr,
      board: this.#board,
      multiplexer: this.#multiplexer,
      log,
      clock,
      timing,
    })
  }

  start(): Promise<void> {
    return this.#supervisor.start()
  }

  /** Writes nothing before a caller's handshake; afterwards a `ping`, and any answer counts. Never an `initialize`. */
  async probe(): Promise<ChannelEvidence> {
    if (this.name === 'main') this.#context.log.info('Skipping MCP probe for transport', {transport: this.kind})
    await this.#supervisor.liveness.prove()
    // The child may have gone under our question; the next one settles it.
    if (this.#board.state === 'pending') await this.#board.settled()
    return this.#board.current
  }

  send(call: ChannelCall, sink: ChannelSink): ChannelHandle {
    return this.#multiplexer.send(call, sink)
  }

  async terminateSession(_headers: RawHeaders): Promise<UpstreamHead> {
    return NO_SESSIONS
  }

  status(): ChannelStatus {
    const child = this.#supervisor.status()
    const {pid, restarts, stderr} = child
    return {
      name: this.name,
      kind: this.kind,
      evidence: this.#board.current,
      target: this.#binding.argv[0],
      lastLife: this.#board.lastLife,
      child,
      strayAnswers: this.#multiplexer.strayAnswers,
      receipt: this.#receipts.receipt(),
      details: [
        {key: 'command', value: this.#binding.command},
        ...(pid === null ? [] : [{key: 'pid', value: String(pid)}]),
        {key: 'restarts', value: String(restarts)},
        ...(stderr.length === 0 ? [] : [{key: 'stderr', value: stderr.join('\n')}]),
      ],
    }
  }

  watch(listener: (event: ChannelEvent) => void): () => void {
    return this.#board.watch(listener)
  }

  async stop(): Promise<void> {
    this.#multiplexer.bury(channelFailure({failure: 'draining', status: 503, message: 'the tunnel is stopping'}))
    await this.#supervisor.stop()
  }

  #garbage(bytes: Buffer): void {
    this.#supervisor.liveness.garbage()
    if (this.#saidGarbage) return
    this.#saidGarbage = true
    const sample = JSON.stringify(beginning(bytes))
    this.#context.log.warn('stdio MCP command prints lines that are no JSON-RPC messages; they are ignored', {sample})
  }
}

/** The first words of a line. The last of them is left out when it is cut: a piece of a secret fits no mask. */
function beginning(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, SAMPLE_BYTES)
  return bytes.length <= SAMPLE_BYTES ? text : `${text.replace(/\S*$/, '')}…`
}
