// Requests of the server that wait for a caller's answer. They belong to the present server: its successor has asked
// nothing, so what was open is forgotten with it.

import {cancelledRequest, type RpcMessage, sameId} from '../../../foundation/wire/index.ts'
import type {OpenCall} from './call-table.ts'

/** One open request. */
export interface OpenQuestion {
  readonly message: RpcMessage
  /** Whose caller was asked. */
  readonly call: OpenCall
}

/** The open requests of one server. */
export class Questions {
  readonly #open = new Set<OpenQuestion>()

  /** False when one with its id is open: an answer could be for either. */
  open(question: OpenQuestion): boolean {
    for (const {message} of this.#open) if (sameId(message.id!, question.message.id!)) return false
    this.#open.add(question)
    return true
  }

  /** It has got its answer. False when it had one before, or when the server that asked has gone. */
  close(question: OpenQuestion): boolean {
    return this.#open.delete(question)
  }

  /** The request that a `notifications/cancelled` of the server takes back, or null. It is closed then. */
  withdraw(cancellation: RpcMessage): OpenQuestion | null {
    if (this.#open.size === 0) return null
    const request = cancelledRequest(cancellation)
    if (request === null) return null
    for (const question of this.#open) {
      if (!sameId(question.message.id!, request.token)) continue
      this.#open.delete(question)
      return question
    }
    return null
  }

  /** The server is gone. */
  clear(): void {
    this.#open.clear()
  }
}
