// All open session streams of a relay, by the request ids of their commands.

import {SessionStream, type SessionStreamOptions} from './session-stream.ts'

/** Beyond it callers are told that there is no such stream: they go on without one. */
const MOST_STREAMS = 256
const NO_MORE = {status: 405, headers: []}

/** Owns them. */
export class SessionStreams {
  readonly #streams = new Map<string, SessionStream>()

  /** How many there are. */
  get size(): number {
    return this.#streams.size
  }

  /** True when a server waits for the answer of a caller. */
  get isAsking(): boolean {
    for (const stream of this.#streams.values()) if (stream.isAsking) return true
    return false
  }

  /** Opens one. */
  open(options: SessionStreamOptions): void {
    const stream = new SessionStream({
      ...options,
      onOver: (fate) => {
        this.#streams.delete(stream.requestId)
        options.onOver(fate)
      },
    })
    const isFull = this.#streams.size >= MOST_STREAMS
    this.#streams.set(stream.requestId, stream)
    if (isFull) stream.onAccepted(NO_MORE)
    else stream.start()
  }

  find(requestId: string): SessionStream | undefined {
    return this.#streams.get(requestId)
  }

  /** The daemon stops: each ends with an acknowledgement. */
  refuse(): void {
    for (const stream of [...this.#streams.values()]) stream.refuse()
  }

  /** All callers are gone. */
  hangUp(): void {
    for (const stream of [...this.#streams.values()]) stream.hangUp()
  }

  /** Ends all of them now. */
  kill(): void {
    for (const stream of [...this.#streams.values()]) stream.kill()
  }
}
