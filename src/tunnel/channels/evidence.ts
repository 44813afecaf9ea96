// Holds what is known of one server's life and tells those who watch. Every transport keeps one of these.

import type {FailureClass} from '../../foundation/errors/index.ts'
import type {Clock, Instant} from '../../foundation/platform/index.ts'
import type {ChannelEvent, ChannelEvidence, ServerIdentity} from './channel.ts'

/** The evidence of one channel. Listeners hear of changes of state, not of every sign of life. */
export class EvidenceBoard {
  readonly #clock: Clock
  readonly #listeners = new Set<(event: ChannelEvent) => void>()
  #evidence: ChannelEvidence = {state: 'pending'}
  #lastLife: Instant = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What holds now. */
  get current(): ChannelEvidence {
    return this.#evidence.state === 'ok' ? {...this.#evidence, at: this.#lastLife} : this.#evidence
  }

  get state(): ChannelEvidence['state'] {
    return this.#evidence.state
  }

  /** Monotonic instant of the last sign of life; 0 before the first. */
  get lastLife(): Instant {
    return this.#lastLife
  }

  /** The server answered. `server` is what it said of itself; leave it out when this answer said nothing. */
  ok(server?: ServerIdentity): void {
    this.#lastLife = this.#clock.now()
    if (this.#evidence.state === 'ok' && server === undefined) return
    const known = this.#evidence.state === 'ok' ? this.#evidence.server : null
    this.#set({state: 'ok', at: this.#lastLife, server: server ?? known})
  }

  /** A sign of life that does not change what is known: a server that wants authorization still does. */
  alive(): void {
    this.#lastLife = this.#clock.now()
  }

  authRequired(message: string): void {
    this.#lastLife = this.#clock.now()
    this.#set({state: 'auth_required', at: this.#lastLife, message})
  }

  /** No answer in time. Consecutive ones are counted. */
  timeout(message: string): void {
    const failures = this.#evidence.state === 'timeout' ? this.#evidence.failures + 1 : 1
    this.#set({state: 'timeout', at: this.#clock.now(), message, failures})
  }

  failed(message: string, failure: FailureClass): void {
    this.#set({state: 'failed', at: this.#clock.now(), message, failure})
  }

  /** A new process or server took the place of the old: nothing is known of it. */
  reset(): void {
    if (this.#evidence.state !== 'pending') this.#set({state: 'pending'})
  }

  /** The channel gives up for good. */
  gaveUp(message: string): void {
    this.#tell({type: 'gave_up', message})
  }

  /** Resolves with the next change, whatever it is. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.watch(() => {
        stop()
        resolve()
      })
    })
  }

  /** Registers a listener; returns its removal. */
  watch(listener: (event: ChannelEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #set(evidence: ChannelEvidence): void {
    const before = this.#evidence
    this.#evidence = evidence
    const same = before.state === evidence.state && textOf(before) === textOf(evidence) && evidence.state !== 'timeout'
    if (!same) this.#tell({type: 'evidence', evidence})
  }

  #tell(event: ChannelEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}

const textOf = (evidence: ChannelEvidence): string => ('message' in evidence ? evidence.message : '')
