// Reads an event stream as the HTML standard says, on bytes: any chunking gives the same events, nothing is decoded but
// field names, and there is no limit to a line. One exception: see SseReader.end.

/** One dispatched event. `type` is empty for the default; `data` lines are joined with LF. */
export interface SseEvent {
  readonly type: string
  readonly data: Buffer
}

/** Receives events as their blank line arrives. */
export type SseListener = (event: SseEvent) => void

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const NEWLINE = Buffer.from('\n')
const EMPTY = Buffer.alloc(0)

/** A reader of one stream. */
export class SseReader {
  readonly #listener: SseListener
  /** Pieces of a line whose end has not come yet. */
  #partial: Buffer[] = []
  #partialBytes = 0
  #dataBytes = 0
  #data: Buffer[] = []
  #type = ''
  #id: string | null = null
  #skipLf = false
  #firstLine = true

  /** Of the last dispatched event that had one; null when no id was seen. An empty `id` field resets it to null. */
  lastEventId: string | null = null
  /** Milliseconds to wait before a reconnect, when the server said so. */
  retry: number | null = null

  constructor(listener: SseListener) {
    this.#listener = listener
  }

  /** Bytes held for an event that is not complete yet. */
  get heldBytes(): number {
    return this.#partialBytes + this.#dataBytes
  }

  push(chunk: Buffer): void {
    let at = 0
    if (this.#skipLf && chunk.length > 0) {
      this.#skipLf = false
      if (chunk[0] === LF) at = 1
    }
    let lf = chunk.indexOf(LF, at)
    let cr = chunk.indexOf(CR, at)
    while (lf >= 0 || cr >= 0) {
      const end = lf < 0 || (cr >= 0 && cr < lf) ? cr : lf
      this.#finishLine(chunk.subarray(at, end))
      at = end + 1
      if (end === cr) {
        if (at === chunk.length) this.#skipLf = true
        else if (chunk[at] === LF) at++
        cr = chunk.indexOf(CR, at)
      }
      if (lf >= 0 && lf < at) lf = chunk.indexOf(LF, at)
    }
    if (at < chunk.length) {
      this.#partial.push(at === 0 ? chunk : chunk.subarray(at))
      this.#partialBytes += chunk.length - at
    }
  }

  /**
   * The stream is over. The standard drops an event without its closing blank line; here it is dispatched when
   * `isComplete` accepts its data, because servers do end their last event that way.
   */
  end(isComplete: (data: Buffer) => boolean): void {
    if (this.#partialBytes > 0) this.#finishLine(EMPTY)
    if (this.#data.length > 0 && isComplete(joinLines(this.#data))) this.#dispatch()
    this.#data = []
    this.#dataBytes = 0
  }

  #finishLine(rest: Buffer): void {
    let line = rest
    if (this.#partialBytes > 0) {
      this.#partial.push(rest)
      line = Buffer.concat(this.#partial)
      this.#partial = []
      this.#partialBytes = 0
    }
    if (this.#firstLine) {
      this.#firstLine = false
      if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3)
    }
    if (line.length === 0) this.#dispatch()
    else if (line[0] !== COLON) this.#field(line)
  }

  #field(line: Buffer): void {
    const colon = line.indexOf(COLON)
    const name = line.toString('latin1', 0, colon < 0 ? line.length : colon)
    const from = colon < 0 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1
    switch (name) {
      case 'data':
        this.#data.push(line.subarray(from))
        this.#dataBytes += line.length - from
        break
      case 'event':
        this.#type = line.toString('utf8', from)
        break
      case 'id': {
        const id = line.toString('utf8', from)
        if (!id.includes('\0')) this.#id = id
        break
      }
      case 'retry': {
        const digits = line.toString('latin1', from)
        if (/^\d+$/.test(digits)) this.retry = Number(digits)
        break
      }
    }
  }

  #dispatch(): void {
    if (this.#id !== null) this.lastEventId = this.#id === '' ? null : this.#id
    const data = this.#data
    const type = this.#type
    this.#data = []
    this.#dataBytes = 0
    this.#type = ''
    if (data.length === 0) return
    const joined = joinLines(data)
    if (joined.length > 0) this.#listener({type, data: joined})
  }
}

function joinLines(lines: readonly Buffer[]): Buffer {
  if (lines.length === 1) return lines[0]!
  return Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [NEWLINE, line])))
}
