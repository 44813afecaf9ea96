// One reply, of which only the beginning may be wanted: once it is silenced it runs out unheard, so that its connection can be
// used again.

import type {HttpFailure, RawHeaders, ReplyHandle, ReplySink} from '../../../../foundation/platform/index.ts'
import type {Lingering} from './lingering.ts'

/** Who listens until then. */
export interface ReplyListener {
  /** See ReplySink. */
  onSent?(): void
  onHead(status: number, headers: RawHeaders): void
  onData(chunk: Buffer): void
  onEnd(): void
  onFailure(failure: HttpFailure): void
  /** One of the above threw; nothing more comes. */
  onDefect(thrown: unknown): void
}

/** Set {@link Reply.handle} once its request has begun. */
export class Reply implements ReplySink {
  handle: ReplyHandle | null = null
  readonly #listener: ReplyListener
  readonly #lingering: Lingering
  #state: 'heard' | 'silenced' | 'over' = 'heard'

  constructor(listener: ReplyListener, lingering: Lingering) {
    this.#listener = listener
    this.#lingering = lingering
  }

  onSent(): void {
    this.#listener.onSent?.()
  }

  onHead(status: number, headers: RawHeaders): void {
    if (this.#state !== 'heard') return
    try {
      this.#listener.onHead(status, headers)
    } catch (thrown) {
      this.#defect(thrown)
    }
  }

  onData(chunk: Buffer): void {
    if (this.#state !== 'heard') return
    try {
      this.#listener.onData(chunk)
    } catch (thrown) {
      this.#defect(thrown)
    }
  }

  onEnd(): void {
    if (!this.#finish()) return
    try {
      this.#listener.onEnd()
    } catch (thrown) {
      this.#listener.onDefect(thrown)
    }
  }

  onFailure(failure: HttpFailure): void {
    if (!this.#finish()) return
    try {
      this.#listener.onFailure(failure)
    } catch (thrown) {
      this.#listener.onDefect(thrown)
    }
  }

  /** Cuts it. */
  abort(): void {
    if (this.#state === 'over') return
    this.#state = 'silenced'
    this.handle?.abort()
  }

  /** Lets it run out, for a while. */
  silence(): void {
    if (this.#state === 'over') return
    this.#state = 'silenced'
    if (this.handle === null) return
    this.handle.resume()
    this.#lingering.add(this.handle)
  }

  #defect(thrown: unknown): void {
    this.abort()
    this.#listener.onDefect(thrown)
  }

  /** True when somebody hears of its end. */
  #finish(): boolean {
    const isHeard = this.#state === 'heard'
    this.#state = 'over'
    if (!isHeard && this.handle !== null) this.#lingering.delete(this.handle)
    return isHeard
  }
}
