// The end of a connection that a server in this process is given: an object transport as both MCP SDKs know it. What
// arrives before the server listens waits for it; what cannot be written as JSON is answered in its place.

import type {ServerTransport} from '../context.ts'

/** What a {@link MemoryTransport} tells its owner. */
export interface TransportOwner {
  /** The server sent a message. `about`: id of the request that it says it belongs to, null when it does not say. */
  receive(bytes: Buffer, about: number | null): void
  /** Either side has closed it. Called once. */
  closed(): void
  /** The server, or whatever stands around it, threw. */
  defect(error: unknown): void
}

const INTERNAL_ERROR = -32603

/** One connection. Messages to the server are delivered in order, each in a turn of its own. */
export class MemoryTransport implements ServerTransport {
  onmessage: ((message: unknown, extra?: unknown) => void) | undefined
  onclose: (() => void) | undefined
  onerror: ((error: Error) => void) | undefined
  readonly sessionId?: string
  readonly #owner: TransportOwner
  readonly #early: unknown[] = []
  #state: 'new' | 'open' | 'closed' = 'new'

  constructor(owner: TransportOwner, sessionId?: string) {
    this.#owner = owner
    if (sessionId !== undefined) this.sessionId = sessionId
  }

  /** Called by the server when its handlers are in place. */
  async start(): Promise<void> {
    if (this.#state !== 'new')
      throw new Error('this transport was started or closed before; every connection has its own')
    this.#state = 'open'
    for (const message of this.#early.splice(0)) this.#hand(message)
  }

  /** Called by the server. Rejects when the connection is closed or the message is no JSON. */
  async send(message: unknown, options?: unknown): Promise<void> {
    if (this.#state === 'closed') throw new Error('the connection to the tunnel is closed')
    let bytes: Buffer
    try {
      bytes = Buffer.from(JSON.stringify(message))
    } catch (thrown) {
      this.#answerFor(message, 'the MCP server gave an answer that cannot be written as JSON')
      throw thrown
    }
    const about = (options as {relatedRequestId?: unknown} | undefined)?.relatedRequestId
    this.#owner.receive(bytes, typeof about === 'number' ? about : null)
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#owner.closed()
    this.onclose?.()
  }

  /** A message for the server. */
  deliver(message: unknown): void {
    if (this.#state === 'new') this.#early.push(message)
    else if (this.#state === 'open') this.#hand(message)
  }

  #hand(message: unknown): void {
    queueMicrotask(() => {
      if (this.#state === 'closed') return
      const failed = (thrown: unknown): void => {
        this.#owner.defect(thrown)
        this.#answerFor(message, 'the MCP server threw on this message')
      }
      try {
        // Nobody keeps a handler from being an async function.
        const result: unknown = this.onmessage?.(message)
        if (result instanceof Promise) result.catch(failed)
      } catch (thrown) {
        failed(thrown)
      }
    })
  }

  /** A caller must not wait for what will never come. */
  #answerFor(message: unknown, text: string): void {
    const id = (message as {id?: unknown} | null)?.id
    if (typeof id !== 'number' || this.#state === 'closed') return
    const error = {code: INTERNAL_ERROR, message: `Internal error: ${text}`}
    this.#owner.receive(Buffer.from(JSON.stringify({jsonrpc: '2.0', id, error})), null)
  }
}
