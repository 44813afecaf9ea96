// After its answer a call still owns a reply. Most end at once and give their connection back; the others are cut by one
// sweep instead of a timer per call.

import type {HttpFailure, RawHeaders, ReplyHandle, ReplySink} from '../../../foundation/platform/index.ts'

const SWEEP_MS = 2000

/** Replies that nobody waits for any more. */
export class Lingering {
  #young = new Set<ReplyHandle>()
  #old = new Set<ReplyHandle>()
  #timer: NodeJS.Timeout | null = null

  /** Lets a reply run out, for two to four seconds at most. */
  add(handle: ReplyHandle): void {
    this.#young.add(handle)
    this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  /** It has ended by itself. */
  delete(handle: ReplyHandle): void {
    if (!this.#young.delete(handle)) this.#old.delete(handle)
  }

  /** Cuts all of them. */
  stop(): void {
    this.#sweep()
    this.#sweep()
  }

  #sweep(): void {
    const expired = this.#old
    this.#old = this.#young
    this.#young = new Set()
    for (const handle of expired) handle.abort()
    if (this.#old.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer)
      this.#timer = null
    }
  }
}

/** What an exchange wants of a reply that it listens to. */
export interface ReplyEar {
  sent(): void
  head(status: number, headers: RawHeaders): void
  data(chunk: Buffer): void
  end(): void
  failure(failure: HttpFailure): void
  /** A silenced reply is over. */
  ended(handle: ReplyHandle): void
}

/** One reply. Once silenced it runs out unheard, so that its connection can be used again. */
export class Reply implements ReplySink {
  readonly #ear: ReplyEar
  handle: ReplyHandle | null = null
  #over = false
  #silent = false

  constructor(ear: ReplyEar) {
    this.#ear = ear
  }

  onSent(): void {
    this.#ear.sent()
  }

  onHead(status: number, headers: RawHeaders): void {
    if (!this.#silent) this.#ear.head(status, headers)
  }

  onData(chunk: Buffer): void {
    if (!this.#silent) this.#ear.data(chunk)
  }

  onEnd(): void {
    this.#finish()
    if (!this.#silent) this.#ear.end()
  }

  onFailure(failure: HttpFailure): void {
    this.#finish()
    if (!this.#silent) this.#ear.failure(failure)
  }

  abort(): void {
    this.#silent = true
    if (!this.#over) this.handle?.abort()
  }

  silence(lingering: Lingering): void {
    this.#silent = true
    if (this.#over || this.handle === null) return
    this.handle.resume()
    lingering.add(this.handle)
  }

  #finish(): void {
    this.#over = true
    if (this.#silent && this.handle !== null) this.#ear.ended(this.handle)
  }
}
