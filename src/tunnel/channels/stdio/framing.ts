// Cuts a byte stream into lines. A line may be a hundred megabytes; it is joined once, when its end has come.

import {LongLine} from './long-line.ts'

const LF = 0x0a
/** A line that is longer is not kept in pieces. */
const PIECES_BYTES = 8 * 1024 * 1024
/** What is kept of a line that is too long: enough to tell from either end whom it answers. */
const KEPT_BYTES = 256

/** What is known of a line that was too long. */
export interface OverlongLine {
  /** Longest line in bytes. */
  readonly limit: number
  /** Its first bytes. */
  readonly head: Buffer
  /** Its last bytes; null while more of it may come. */
  readonly tail: Buffer | null
}

/** What {@link LineReader} calls. */
export interface LineListener {
  /** One line without its line feed. Empty ones are left out. */
  line(bytes: Buffer): void
  /** A line grew over the limit and is thrown away: told when that is noticed, and again at its end. */
  overlong(line: OverlongLine): void
}

/** Reads newline-delimited messages. */
export class LineReader {
  readonly #listener: LineListener
  readonly #limit: number
  #parts: Buffer[] = []
  #bytes = 0
  /** The line under way, when it is long; {@link #parts} are empty then. */
  #long: LongLine | null = null
  /** Both ends of the line that is being thrown away. */
  #skipped: {readonly head: Buffer; tail: Buffer} | null = null
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
    if (this.#skipped !== null) {
      this.#skipped.tail = lastOf(this.#skipped.tail, part)
      return
    }
    this.#bytes += part.length
    if (this.#bytes > this.#limit) this.#skip(part)
    else if (this.#long !== null) this.#long.add(part)
    else {
      this.#parts.push(part)
      if (this.#bytes > PIECES_BYTES) this.#gather()
    }
  }

  #gather(): void {
    this.#long = new LongLine(this.#limit)
    for (const part of this.#parts) this.#long.add(part)
    this.#parts = []
  }

  #skip(part: Buffer): void {
    const head = this.#long?.first(KEPT_BYTES) ?? firstOf([...this.#parts, part])
    this.#skipped = {head, tail: lastOf(head, part)}
    this.#forget()
    this.#listener.overlong({limit: this.#limit, head, tail: null})
  }

  #finish(rest: Buffer): void {
    // Nearly every line: it has come as a whole.
    if (this.#bytes === 0 && this.#skipped === null && rest.length <= this.#limit) {
      if (rest.length > 0) this.#listener.line(rest)
      return
    }
    if (rest.length > 0) this.#keep(rest)
    const skipped = this.#skipped
    this.#skipped = null
    if (skipped !== null) {
      this.#listener.overlong({limit: this.#limit, ...skipped})
      return
    }
    const parts = this.#parts
    const line = this.#long?.take() ?? (parts.length === 1 ? parts[0]! : Buffer.concat(parts))
    this.#forget()
    if (line.length > 0) this.#listener.line(line)
  }

  #forget(): void {
    this.#long?.drop()
    this.#long = null
    this.#parts = []
    this.#bytes = 0
  }
}

// Copies, which do not keep alive what they were cut from.
const firstOf = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.slice(0, KEPT_BYTES).map((part) => part.subarray(0, KEPT_BYTES))).subarray(0, KEPT_BYTES)
const lastOf = (before: Buffer, part: Buffer): Buffer => {
  const last = part.subarray(-KEPT_BYTES)
  return Buffer.concat([before.subarray(before.length - Math.min(before.length, KEPT_BYTES - last.length)), last])
}
