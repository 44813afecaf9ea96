// Cuts a byte stream into lines. A line may be a hundred megabytes; it is joined once, when its end has come.

const LF = 0x0a

/** What {@link LineReader} calls. */
export interface LineListener {
  /** One line without its line feed. Empty ones are left out. */
  line(bytes: Buffer): void
  /** A line grew over the limit and is thrown away up to its end. */
  overflow(): void
}

/** Reads newline-delimited messages. */
export class LineReader {
  readonly #listener: LineListener
  readonly #limit: number
  #parts: Buffer[] = []
  #bytes = 0
  #skipping = false
  #held = false
  /** What came while nothing was to be read. */
  #backlog: Buffer[] = []

  /** `limit`: longest line in bytes. */
  constructor(listener: LineListener, limit: number) {
    this.#listener = listener
    this.#limit = limit
  }

  push(chunk: Buffer): void {
    let at = 0
    for (let end = chunk.indexOf(LF); end >= 0 && !this.#held; end = chunk.indexOf(LF, at)) {
      this.#finish(chunk.subarray(at, end))
      at = end + 1
    }
    if (at === chunk.length) return
    const rest = at === 0 ? chunk : chunk.subarray(at)
    if (this.#held) this.#backlog.push(rest)
    else this.#keep(rest)
  }

  /** Holds lines back (true), from the very next one on, or goes on with those that were. */
  hold(on: boolean): void {
    this.#held = on
    while (!this.#held && this.#backlog.length > 0) {
      const [chunk, ...later] = this.#backlog
      this.#backlog = []
      this.push(chunk!)
      this.#backlog.push(...later)
    }
  }

  /** The stream is over: a last line without its line feed counts, and nothing is held back any more. */
  end(): void {
    this.hold(false)
    this.#finish(Buffer.alloc(0))
  }

  #keep(part: Buffer): void {
    if (this.#skipping) return
    this.#parts.push(part)
    this.#bytes += part.length
    if (this.#bytes <= this.#limit) return
    this.#skipping = true
    this.#parts = []
    this.#bytes = 0
    this.#listener.overflow()
  }

  #finish(rest: Buffer): void {
    if (rest.length > 0) this.#keep(rest)
    const parts = this.#parts
    const skipped = this.#skipping
    this.#parts = []
    this.#bytes = 0
    this.#skipping = false
    if (!skipped && parts.length > 0) this.#listener.line(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
  }
}
