// Requests of an MCP server to its client (sampling, elicitation, roots) that wait for the caller of one call. While one is
// open the server owes no work: the call waits for a person, and gives its slot to others.

import type {LogAttrs, Logger} from '../../../foundation/platform/index.ts'
import {cancelledRequest, readRpcMessage, sameId} from '../../../foundation/wire/index.ts'
import type {ServerRequest} from '../../channels/index.ts'
import type {Loss, Outbox} from './outbox.ts'

/** Where the call waits meanwhile. */
export interface Waiting {
  /** The first request is open. False: no room for one more call that waits; the request is refused then. */
  park(): boolean
  /** None is open any more: the server has work to do. */
  unpark(): void
}

/** What the requests of one call need. */
export interface ServerRequestsOptions {
  readonly waiting: Waiting
  /** The way up, shared with the notifications of the call. */
  readonly upward: Outbox
  readonly log: Logger
  readonly attrs: () => LogAttrs
}

/** More than a person can answer; a server that asks on gets refusals. */
const MOST_OPEN = 64
/** So many closed ones are remembered, to take a second or late answer without passing it on. */
const MOST_CLOSED = 64
/** A request whose acknowledgement got lost is posted again: the service knows it by its id and shows it once. */
const MOST_POSTS = 3

/** The open requests of one call. */
export class ServerRequests {
  readonly #options: ServerRequestsOptions
  /** With the number of posts. */
  readonly #open = new Map<ServerRequest, number>()
  readonly #closed: string[] = []

  constructor(options: ServerRequestsOptions) {
    this.#options = options
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Takes a request of the server up to the caller, in order with what the server said before. */
  take(request: ServerRequest): void {
    const {waiting} = this.#options
    // The same one again, as a resumed stream may repeat it: a refusal would answer the first.
    if (this.#find(request.message.id!) !== undefined) return
    const full = this.#open.size >= MOST_OPEN
    if (full || (this.#open.size === 0 && !waiting.park())) {
      request.refuse(-32603)
      return
    }
    this.#open.set(request, 0)
    this.#post(request)
  }

  /** Takes note of a notification of the server: it may take a request back. */
  heard(notification: Buffer): void {
    if (this.#open.size === 0) return
    const id = takenBack(notification)
    const request = id === null ? undefined : this.#find(id)
    if (request !== undefined) this.#close(request)
  }

  /** The request that an answer is for: open, settled lately (its answer is late or comes twice), or nobody asked. */
  answered(id: string): ServerRequest | 'settled' | null {
    const request = this.#find(id)
    if (request !== undefined) {
      this.#close(request)
      return request
    }
    return this.#closed.some((token) => sameId(token, id)) ? 'settled' : null
  }

  /** The call is over: nobody will answer any more. */
  end(): void {
    for (const request of this.#open.keys()) request.refuse(-32603)
    this.#open.clear()
  }

  #post(request: ServerRequest): void {
    this.#open.set(request, this.#open.get(request)! + 1)
    this.#options.upward.push(request.message.raw, (why) => this.#lost(request, why))
  }

  /** The request did not get to the caller. A service that refuses it as such will never take one. */
  #lost(request: ServerRequest, why: Loss): void {
    const posts = this.#open.get(request)
    if (posts === undefined) return
    if (why === 'no_answer' && posts < MOST_POSTS) {
      this.#post(request)
      return
    }
    this.#close(request)
    const {log, attrs} = this.#options
    log.warn('a request of the MCP server did not reach the caller', {
      ...attrs(),
      ...(typeof why === 'number' ? {status_code: why} : {}),
    })
    request.refuse(typeof why === 'number' && why >= 400 && why < 500 ? -32601 : -32603)
  }

  #find(id: string): ServerRequest | undefined {
    for (const request of this.#open.keys()) if (sameId(request.message.id!, id)) return request
    return undefined
  }

  #close(request: ServerRequest): boolean {
    if (!this.#open.delete(request)) return false
    this.#closed.push(request.message.id!)
    if (this.#closed.length > MOST_CLOSED) this.#closed.shift()
    if (this.#open.size === 0) this.#options.waiting.unpark()
    return true
  }
}

/** The id token of the request that a `notifications/cancelled` names, else null. */
function takenBack(raw: Buffer): string | null {
  try {
    const message = readRpcMessage(raw)
    return message.method === 'notifications/cancelled' ? (cancelledRequest(message)?.token ?? null) : null
  } catch {
    return null
  }
}
