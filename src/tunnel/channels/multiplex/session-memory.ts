// What a fresh server process has to be told so that callers do not notice the change: the latest handshake that
// succeeded, the log level, and the resources that are subscribed to.

import {paramOf, type RpcMessage, readRpcMessage} from '../../../foundation/wire/index.ts'

/** What a caller should say after its handshake. */
export const INITIALIZED = Buffer.from('{"jsonrpc":"2.0","method":"notifications/initialized"}')

/** Callers come and go without taking back what they subscribed to: so many are repeated, the latest, … */
const MOST_SUBSCRIPTIONS = 1000
/** … and none that is larger, in bytes. */
const MOST_SUBSCRIPTION = 16 * 1024

/** Learns from what was answered without an error. */
export class SessionMemory {
  #initialize: Buffer | null = null
  #initialized: Buffer | null = null
  #level: Buffer | null = null
  readonly #subscriptions = new Map<string, Buffer>()

  /** A request of a caller was answered with a result. */
  succeeded(request: RpcMessage): void {
    switch (request.method) {
      case 'initialize':
        this.#initialize = Buffer.from(request.raw)
        break
      case 'logging/setLevel':
        this.#level = Buffer.from(request.raw)
        break
      case 'resources/subscribe':
        withUri(request, (uri) => this.#subscribed(uri, request.raw))
        break
      case 'resources/unsubscribe':
        withUri(request, (uri) => this.#subscriptions.delete(uri))
        break
    }
  }

  #subscribed(uri: string, raw: Buffer): void {
    this.#subscriptions.delete(uri)
    if (raw.length > MOST_SUBSCRIPTION) return
    this.#subscriptions.set(uri, Buffer.from(raw))
    if (this.#subscriptions.size <= MOST_SUBSCRIPTIONS) return
    const [oldest = uri] = this.#subscriptions.keys()
    this.#subscriptions.delete(oldest)
  }

  /** A notification was written to the server. */
  told(notification: RpcMessage): void {
    if (notification.method === 'notifications/initialized') this.#initialized = Buffer.from(notification.raw)
  }

  get hasHandshake(): boolean {
    return this.#initialize !== null
  }

  /** The handshake to repeat, or null when none has succeeded yet. */
  handshake(): {initialize: RpcMessage; initialized: RpcMessage} | null {
    if (this.#initialize === null) return null
    return {
      initialize: readRpcMessage(this.#initialize),
      initialized: readRpcMessage(this.#initialized ?? INITIALIZED),
    }
  }

  /** The requests to repeat after the handshake. */
  settings(): RpcMessage[] {
    const kept = [...(this.#level === null ? [] : [this.#level]), ...this.#subscriptions.values()]
    return kept.map((raw) => readRpcMessage(raw))
  }
}

function withUri(request: RpcMessage, use: (uri: string) => void): void {
  const span = paramOf(request, 'uri')
  const uri = span === null ? null : parsed(request.raw.toString('utf8', span.start, span.end))
  if (typeof uri === 'string') use(uri)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
