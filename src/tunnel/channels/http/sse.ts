// Reads an event stream as the HTML standard says, on bytes: any chunking gives the same events, nothing is decoded but
// field names, and there is no limit to a line. One exception: see SseReader.end.

import {BodyCollector} from '../../../foundation/platform/index.ts'

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
const EMPTY = Buffer.alloc(0)
/** `data`. */
const [D, A, T] = [0x64, 0x61, 0x74]
/** Room for the lines of one event that has several; it doubles. */
const FIRST_ROOM = 1024

/** A reader of one stream. */
export class SseReader {
  readonly #listener: SseListener
  /** Pieces of a line whose end has not come yet. */
  readonly #partial = new BodyCollector(0, {ahead: 0})
  /** Data of the event that is coming, in bytes; -1 when there is none. One line is a view, several are copied together. */
  #length = -1
  #data: Buffer = EMPTY
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
    return this.#partial.length + Math.max(0, this.#length)
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
      this.#finishLine(chunk, at, end)
      at = end + 1
      if (end === cr) {
        if (at === chunk.length) this.#skipLf = true
        else if (chunk[at] === LF) at++
        cr = chunk.indexOf(CR, at)
      }
      if (lf >= 0 && lf < at) lf = chunk.indexOf(LF, at)
    }
    if (at < chunk.length) this.#partial.push(at === 0 ? chunk : chunk.subarray(at))
  }

  /**
   * The stream is over. The standard drops an event without its closing blank line; here it is dispatched when
   * `isComplete` accepts its data, because servers do end their last event that way.
   */
  end(isComplete: (data: Buffer) => boolean): void {
    if (this.#partial.length > 0) this.#finishLine(EMPTY, 0, 0)
    if (this.#length > 0 && isComplete(this.#data.subarray(0, this.#length))) this.#dispatch()
    this.#length = -1
    this.#data = EMPTY
  }

  #finishLine(chunk: Buffer, start: number, end: number): void {
    let [line, from, to] = [chunk, start, end]
    if (this.#partial.length > 0) {
      this.#partial.push(chunk.subarray(start, end))
      line = this.#partial.take()
      from = 0
      to = line.length
    }
    if (this.#firstLine) {
      this.#firstLine = false
      if (to - from >= 3 && line[from] === 0xef && line[from + 1] === 0xbb && line[from + 2] === 0xbf) from += 3
    }
    if (from === to) this.#dispatch()
    else if (line[from] === COLON) return
    else if (isData(line, from, to)) this.#add(line, from + (line[from + 5] === SPACE ? 6 : 5), to)
    else this.#field(line.subarray(from, to))
  }

  #add(line: Buffer, start: number, end: number): void {
    const from = Math.min(start, end)
    const before = this.#length
    if (before < 0) {
      this.#length = end - from
      this.#data = line.subarray(from, end)
      return
    }
    this.#length = before + 1 + end - from
    if (this.#data.length <= this.#length) {
      const room = Buffer.allocUnsafe(Math.max(FIRST_ROOM, 2 * this.#length))
      this.#data.copy(room)
      this.#data = room
    }
    this.#data[before] = LF
    line.copy(this.#data, before + 1, from, end)
  }

  #field(line: Buffer): void {
    const colon = line.indexOf(COLON)
    const name = line.toString('latin1', 0, colon < 0 ? line.length : colon)
    const from = colon < 0 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1
    switch (name) {
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
    const [data, length, type] = [this.#data, this.#length, this.#type]
    this.#length = -1
    this.#data = EMPTY
    this.#type = ''
    if (length > 0) this.#listener({type, data: data.length === length ? data : data.subarray(0, length)})
  }
}

/** True for a line of the field that nearly all lines are of. */
function isData(line: Buffer, from: number, to: number): boolean {
  return (
    to - from >= 4 &&
    line[from] === D &&
    line[from + 1] === A &&
    line[from + 2] === T &&
    line[from + 3] === A &&
    (to - from === 4 || line[from + 4] === COLON)
  )
}
