// What the MCP server has asked the caller of one call and not heard of yet. While something is open the server owes no
// work: the call waits for a person, and gives its slot to others.

import type {LogAttrs, Logger} from '../../../foundation/platform/index.ts'
import {cancelledRequest, readRpcMessage, sameId} from '../../../foundation/wire/index.ts'
import type {ServerQuestion} from '../../channels/index.ts'
import type {Loss, Outbox} from '../outbox.ts'

/** Where the call waits meanwhile. */
export interface Waiting {
  /** The first question is open. False: no room for one more call that waits; the question is refused then. */
  park(): boolean
  /** None is open any more: the server has work to do. */
  unpark(): void
}

/** What the questions of one call need. */
export interface QuestionsOptions {
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
/** A question whose acknowledgement got lost is posted again: the service knows it by its id and shows it once. */
const MOST_POSTS = 3

/** The open questions of one call. */
export class Questions {
  readonly #options: QuestionsOptions
  /** With the number of posts. */
  readonly #open = new Map<ServerQuestion, number>()
  readonly #closed: string[] = []

  constructor(options: QuestionsOptions) {
    this.#options = options
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Takes a question of the server up to the caller, in order with what the server said before. */
  take(question: ServerQuestion): void {
    const {waiting} = this.#options
    // The same one again, as a resumed stream may repeat it: a refusal would answer the first.
    if (this.#find(question.message.id!) !== undefined) return
    const full = this.#open.size >= MOST_OPEN
    if (full || (this.#open.size === 0 && !waiting.park())) {
      question.refuse(-32603)
      return
    }
    this.#open.set(question, 0)
    this.#post(question)
  }

  /** Takes note of a notification of the server: it may take a question back. */
  heard(notification: Buffer): void {
    if (this.#open.size === 0) return
    const id = takenBack(notification)
    const question = id === null ? undefined : this.#find(id)
    if (question !== undefined) this.#close(question)
  }

  /** The question that an answer is for: open, settled lately (its answer is late or comes twice), or nobody asked. */
  answered(id: string): ServerQuestion | 'settled' | null {
    const question = this.#find(id)
    if (question !== undefined) {
      this.#close(question)
      return question
    }
    return this.#closed.some((token) => sameId(token, id)) ? 'settled' : null
  }

  /** The call is over: nobody will answer any more. */
  end(): void {
    for (const question of this.#open.keys()) question.refuse(-32603)
    this.#open.clear()
  }

  #post(question: ServerQuestion): void {
    this.#open.set(question, this.#open.get(question)! + 1)
    this.#options.upward.push(question.message.raw, (why) => this.#lost(question, why))
  }

  /** The question did not get to the caller. A service that refuses it as such will never take one. */
  #lost(question: ServerQuestion, why: Loss): void {
    const posts = this.#open.get(question)
    if (posts === undefined) return
    if (why === 'no_answer' && posts < MOST_POSTS) {
      this.#post(question)
      return
    }
    this.#close(question)
    const {log, attrs} = this.#options
    log.warn('a request of the MCP server did not reach the caller', {
      ...attrs(),
      ...(typeof why === 'number' ? {status_code: why} : {}),
    })
    question.refuse(typeof why === 'number' && why >= 400 && why < 500 ? -32601 : -32603)
  }

  #find(id: string): ServerQuestion | undefined {
    for (const question of this.#open.keys()) if (sameId(question.message.id!, id)) return question
    return undefined
  }

  #close(question: ServerQuestion): boolean {
    if (!this.#open.delete(question)) return false
    this.#closed.push(question.message.id!)
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
