// Finds in what a server sends the answer to one call: notifications go up in order, requests of the server aside, and
// the response with the caller's id ends it. Nothing here knows whether the bytes came as JSON or as events.

import {type RpcMessage, sameId} from '../../../foundation/wire/index.ts'
import {readMessages, withId} from '../messages.ts'

/** Receives what {@link AnswerReader} finds. */
export interface AnswerListener {
  onNotification(raw: Buffer): void
  onServerRequest(request: RpcMessage): void
  /** The answer, its id spelled as the caller spelled it. Nothing comes after it. */
  onAnswer(raw: Buffer): void
}

/** What else came by, to name a missing answer precisely. */
export type Oddity = 'none' | 'garbage' | 'foreign'

/** Reads the messages that belong to one request. */
export class AnswerReader {
  readonly #id: string
  readonly #listener: AnswerListener
  #oddity: Oddity = 'none'
  /** An error that names no id. */
  #nameless: RpcMessage | null = null
  #answered = false

  constructor(id: string, listener: AnswerListener) {
    this.#id = id
    this.#listener = listener
  }

  /** The worst of what was neither answer nor notification: bytes that are no message, or an answer to another id. */
  get oddity(): Oddity {
    return this.#oddity
  }

  /** Reads one JSON text: a message, a batch, or several messages. */
  read(text: Buffer): void {
    readMessages(text, {
      message: (message) => this.#take(message),
      garbage: () => {
        if (this.#oddity === 'none') this.#oddity = 'garbage'
      },
    })
  }

  /** Nothing more comes. An error that named no id was the answer, then: it can be about no other call. */
  end(): void {
    if (!this.#answered && this.#nameless !== null) this.#found(this.#nameless)
  }

  #take(message: RpcMessage): void {
    if (this.#answered) return
    if (message.kind === 'notification') this.#listener.onNotification(message.raw)
    else if (message.kind === 'request') this.#listener.onServerRequest(message)
    else if (message.id === null && message.isError) this.#nameless ??= message
    else if (message.id !== null && answers(message.id, this.#id)) this.#found(message)
    else this.#oddity = 'foreign'
  }

  #found({raw, id}: RpcMessage): void {
    this.#answered = true
    this.#listener.onAnswer(id === this.#id ? raw : withId(raw, this.#id))
  }
}

/**
 * True when `token` names the call `id`. A reply to a POST answers one request only, so the id of a server still names the call
 * when it has rounded an integer through a double, or written the number `1` as `"1"` or the string `"1"` as `1` (mcp 1.9.4 for
 * Python). Where several calls share a pipe it would not.
 */
function answers(token: string, id: string): boolean {
  if (sameId(token, id)) return true
  const tokenIsString = token[0] === '"'
  const idIsString = id[0] === '"'
  if (tokenIsString && idIsString) return false
  const [a, b] = [textOf(token), textOf(id)]
  return a === b || (NUMBER.test(a) && NUMBER.test(b) && Number(a) === Number(b))
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The digits of a number, the characters of a string. */
const textOf = (token: string): string => (token[0] === '"' ? (JSON.parse(token) as string) : token)
