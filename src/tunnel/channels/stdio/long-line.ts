// Where a line of many megabytes is put together. Kept as the pieces in which a pipe gives it, its memory would never go
// back to the system: the allocator of C keeps small blocks, a quarter of a gigabyte of them if need be (measured).

/** A buffer that grows in place; its type is younger than the language level that we compile for. */
type Growing = ArrayBuffer & {resize(bytes: number): void}
type GrowingConstructor = new (bytes: number, options: {maxByteLength: number}) => Growing

/** The bytes of one line so far. */
export class LongLine {
  readonly #store: Growing
  readonly #most: number
  #bytes = 0

  /** `most`: bytes that it will hold at the most; only what is used of them takes memory. */
  constructor(most: number) {
    this.#most = most
    this.#store = new (ArrayBuffer as unknown as GrowingConstructor)(0, {maxByteLength: most})
  }

  /** Adds a copy of `part`. */
  add(part: Buffer): void {
    const end = this.#bytes + part.length
    if (end > this.#store.byteLength)
      this.#store.resize(Math.min(this.#most, Math.max(end, 2 * this.#store.byteLength)))
    part.copy(new Uint8Array(this.#store), this.#bytes)
    this.#bytes = end
  }

  /** A copy of its beginning. */
  first(bytes: number): Buffer {
    return Buffer.from(new Uint8Array(this.#store, 0, Math.min(bytes, this.#bytes)))
  }

  /** The whole line as a buffer of its own; this one is empty then and holds no memory. */
  take(): Buffer {
    const line = Buffer.from(new Uint8Array(this.#store, 0, this.#bytes))
    this.drop()
    return line
  }

  /** Gives the memory back at once. */
  drop(): void {
    this.#store.resize(0)
    this.#bytes = 0
  }
}
