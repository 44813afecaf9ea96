// Answers that belong to no open request. They are dropped, because whom they mean would be a guess; but somebody may be
// waiting for one of them until his time is over, and nothing else would tell why.

import type {Logger} from '../../../foundation/platform/index.ts'
import {type RpcMessage, stringAt} from '../../../foundation/wire/index.ts'

/** Given-up calls whose late answer is still known as such. */
const MOST_LATE = 10_000

/** The stray answers of one channel's present server. */
export class StrayAnswers {
  readonly #log: Logger
  /** Calls that were given up: each of them may still be answered, once. */
  readonly #late = new Set<number>()
  #count = 0

  constructor(log: Logger) {
    this.#log = log
  }

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  /** The server is another one now. */
  newServer(): void {
    this.#late.clear()
    this.#count = 0
  }

  /** A call was given up after it had been written. */
  gaveUp(internal: number): void {
    this.#late.add(internal)
    if (this.#late.size > MOST_LATE) for (const oldest of this.#late.keys()) return void this.#late.delete(oldest)
  }

  /** An answer came that no open call claims. `internal`: what its id stands for; `waiting`: calls without an answer. */
  take(answer: RpcMessage, internal: number | null, waiting: () => number): void {
    if (internal !== null && this.#late.delete(internal)) return
    this.#count++
    if (this.#count > 1) return
    this.#log.warn('the MCP server sent an answer that belongs to no open request; it is dropped', {
      id: idWords(answer),
      waiting: waiting(),
    })
  }
}

/** An id of our own is a short number; what a server has put in its place may be anything. */
function idWords({id, idSpan, raw}: RpcMessage): string {
  if (id === null || idSpan === null) return 'null'
  if (id[0] === '"') return `a text of ${lengthOf(raw, idSpan)} characters`
  return id.length <= 15 ? id : `a number of ${id.length} digits`
}

const lengthOf = (raw: Buffer, span: NonNullable<RpcMessage['idSpan']>): number => [...stringAt(raw, span)].length
