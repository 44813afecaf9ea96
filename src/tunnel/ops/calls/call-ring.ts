// Calls that are over, in the order in which they ended: bounded by count and by bytes, the oldest goes first.

import type {TracedCall} from './traced-call.ts'

/** A call and its place in the order of what happened. */
export interface KeptCall {
  readonly seq: number
  readonly call: TracedCall
}

/** A ring. Adding costs the same however full it is. */
export class CallRing {
  readonly #calls: (TracedCall | null)[]
  readonly #seqs: Float64Array
  readonly #sizes: Uint32Array
  readonly #mostBytes: number
  #next = 0
  #count = 0
  #bytes = 0
  #forgotten = 0

  constructor({count, bytes}: {readonly count: number; readonly bytes: number}) {
    this.#calls = new Array<TracedCall | null>(count).fill(null)
    this.#seqs = new Float64Array(count)
    this.#sizes = new Uint32Array(count)
    this.#mostBytes = bytes
  }

  get size(): number {
    return this.#count
  }

  /** Highest `seq` that is no longer here; 0: none. */
  get forgotten(): number {
    return this.#forgotten
  }

  push(seq: number, call: TracedCall): void {
    const size = sizeOf(call)
    if (this.#count === this.#calls.length) this.#forget()
    this.#calls[this.#next] = call
    this.#seqs[this.#next] = seq
    this.#sizes[this.#next] = size
    this.#next = (this.#next + 1) % this.#calls.length
    this.#count += 1
    this.#bytes += size
    while (this.#bytes > this.#mostBytes && this.#count > 1) this.#forget()
  }

  /** Oldest first. */
  *[Symbol.iterator](): Generator<KeptCall> {
    for (let i = this.#oldest, left = this.#count; left > 0; left--, i = (i + 1) % this.#calls.length) {
      yield {seq: this.#seqs[i]!, call: this.#calls[i]!}
    }
  }

  get #oldest(): number {
    return (this.#next - this.#count + this.#calls.length) % this.#calls.length
  }

  #forget(): void {
    const at = this.#oldest
    this.#calls[at] = null
    this.#forgotten = this.#seqs[at]!
    this.#bytes -= this.#sizes[at]!
    this.#count -= 1
  }
}

/** What an object of this kind takes besides its strings, roughly. */
const OBJECT_BYTES = 512

const sizeOf = ({requestId, rpcId, method, tool}: TracedCall): number =>
  OBJECT_BYTES + 2 * (requestId.length + (rpcId?.length ?? 0) + (method?.length ?? 0) + (tool?.length ?? 0))
