// Brings a restarted server to the state of its predecessor before any caller's message reaches it: the latest handshake and the
// settings are repeated. Without a handshake to repeat nothing is written, and the calls are held until the server has
// proved that it does not end right after its start.

import type {Logger} from '../../../foundation/platform/index.ts'
import type {RpcMessage} from '../../../foundation/wire/index.ts'
import type {Outbox} from './outbox.ts'
import {notificationDown} from './rewrite.ts'
import type {SessionMemory} from './session-memory.ts'

/** A replayed handshake that is not answered holds up the callers this long, in milliseconds. */
const REPLAY_MS = 10_000

/** What {@link Replay} works with. */
export interface ReplayOptions {
  readonly memory: SessionMemory
  /** It is released when callers' messages may go. */
  readonly outbox: Outbox
  readonly log: Logger
  /** Writes a request of ours before everything that waits; true: it was answered. */
  ask(message: RpcMessage, settled: (answered: boolean) => void): void
}

/** The beginning of one server. */
interface Turn {
  /** Its first word is waited for. */
  awaitsLife: boolean
}

/** The beginnings of one channel's servers. */
export class Replay {
  readonly #options: ReplayOptions
  /** Of the present server. */
  #turn: Turn | null = null

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /** A server has started. Without a handshake to repeat, calls are held for `settleMs` or until its first message. */
  begin(handshake: ReturnType<SessionMemory['handshake']>, settleMs: number): void {
    const turn = {awaitsLife: handshake === null && settleMs > 0}
    this.#turn = turn
    if (handshake !== null) void this.#repeat(handshake, turn)
    else if (turn.awaitsLife) setTimeout(() => this.#alive(turn), settleMs).unref()
  }

  /** It has said something. */
  heard(): void {
    if (this.#turn !== null) this.#alive(this.#turn)
  }

  /** No server is there, nor expected. */
  end(): void {
    this.#turn = null
  }

  #alive(turn: Turn): void {
    if (turn !== this.#turn || !turn.awaitsLife) return
    turn.awaitsLife = false
    this.#options.outbox.release()
  }

  async #repeat(handshake: NonNullable<ReturnType<SessionMemory['handshake']>>, turn: Turn): Promise<void> {
    const {memory, outbox, log, ask} = this.#options
    const answered = await Promise.race([
      new Promise<boolean>((resolve) => ask(handshake.initialize, resolve)),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), REPLAY_MS).unref()),
    ])
    if (turn !== this.#turn) return
    if (!answered) log.warn('MCP server did not answer the repeated initialize')
    else {
      outbox.say(notificationDown(handshake.initialized), {method: 'notifications/initialized'})
      for (const setting of memory.settings()) ask(setting, () => {})
    }
    outbox.release()
  }
}
