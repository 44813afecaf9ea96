// Puts the pieces of a body together. With a known length they are copied to their place as they arrive: a piece is garbage
// at once, while the next one is read, instead of living until the end, which costs the garbage collector many times more.

/** Bodies of one piece are that piece; for smaller ones than this a place ahead is not worth its while. */
const WORTH_A_PLACE = 64 * 1024

/** So many small pieces become one: of a body that drips in byte by byte each would cost a hundred times its size. */
const SMALL_PIECES = 1024

/** What {@link BodyCollector} may set aside. */
export interface BodyCollectorOptions {
  /** Most bytes that are set aside on a sender's word (its Content-Length), before they have come. */
  readonly ahead: number
}

/** One body. */
export class BodyCollector {
  readonly #expected: number
  #place: Buffer | null = null
  #pieces: Buffer[] = []
  /** How many of the first pieces have been joined already. */
  #joined = 0
  #length = 0

  /** `announced`: the Content-Length, 0 when there is none. */
  constructor(announced: number, {ahead}: BodyCollectorOptions) {
    this.#expected = announced >= WORTH_A_PLACE && announced <= ahead ? announced : 0
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length
  }

  /** Takes a piece, which must not change afterwards. */
  push(piece: Buffer): void {
    const at = this.#length
    this.#length += piece.length
    if (this.#length > this.#expected || piece.length === this.#expected) {
      this.#spill(at)
      this.#pieces.push(piece)
      if (this.#pieces.length - this.#joined === SMALL_PIECES) this.#join()
      return
    }
    this.#place ??= Buffer.allocUnsafeSlow(this.#expected)
    piece.copy(this.#place, at)
  }

  /** The body. The collector is empty afterwards. */
  take(): Buffer {
    const [first = EMPTY] = this.#pieces
    const whole =
      this.#place === null
        ? this.#pieces.length < 2
          ? first
          : Buffer.concat(this.#pieces, this.#length)
        : this.#place.subarray(0, this.#length)
    this.clear()
    return whole
  }

  /** Forgets everything. */
  clear(): void {
    this.#place = null
    this.#pieces = []
    this.#joined = 0
    this.#length = 0
  }

  #join(): void {
    const pieces = this.#pieces.splice(this.#joined)
    this.#pieces.push(Buffer.concat(pieces))
    this.#joined++
  }

  /** More came than was announced: go on with pieces. */
  #spill(at: number): void {
    if (this.#place === null) return
    this.#pieces = [this.#place.subarray(0, at)]
    this.#place = null
  }
}

const EMPTY = Buffer.alloc(0)
