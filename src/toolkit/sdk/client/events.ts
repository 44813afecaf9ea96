// Listeners of one client. Small on purpose: an EventEmitter would throw on events named `error` and let listeners throw
// into the daemon.

import type {TunnelClientEvents} from '../types.ts'

/** The listeners of a client. */
export class Listeners {
  readonly #listeners = new Map<keyof TunnelClientEvents, Set<(...args: never[]) => void>>()
  readonly #onThrown: (thrown: unknown) => void

  constructor(onThrown: (thrown: unknown) => void) {
    this.#onThrown = onThrown
  }

  /** Adds one; the same function may be added twice. Returns its removal. */
  add<Event extends keyof TunnelClientEvents>(event: Event, listener: TunnelClientEvents[Event]): () => void {
    const own = (...args: never[]): void => (listener as (...args: never[]) => void)(...args)
    const all = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, all)
    all.add(own)
    return () => void all.delete(own)
  }

  /** Calls all. */
  tell<Event extends keyof TunnelClientEvents>(event: Event, ...args: Parameters<TunnelClientEvents[Event]>): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(...(args as never[]))
      } catch (thrown) {
        this.#onThrown(thrown)
      }
    }
  }
}
