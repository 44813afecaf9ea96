// Walks the elements of `{"commands":[…]}` and can stop between any two of them. A poll answer of 64 MiB holds up to tens of
// millions of elements: to visit them all in one turn would hold the event loop for seconds.

import {isArrayAt, JsonScanError, skipSpace, skipString, skipValue, stringAt} from '../json-scan.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
/** First byte of `null`. */
const N = 0x6e

/** Reads the element at an offset; returns the offset after it, and whether the walk goes on now. */
export type ElementStep = (at: number) => {readonly end: number; readonly goOn: boolean}

/** One walk over one body. */
export class CommandWalker {
  readonly #buf: Buffer
  #at = 0
  /** Where the walk stands: before the body, before a member of the object, before an element, or at the end. */
  #state: 'start' | 'member' | 'element' | 'over' = 'start'
  #truncated = false

  constructor(buf: Buffer) {
    this.#buf = buf
  }

  /** Nothing is left to visit. */
  get isOver(): boolean {
    return this.#state === 'over'
  }

  /** Once over: the body ends early, or stops being JSON at some byte. */
  get truncated(): boolean {
    return this.#truncated
  }

  /** Bytes that were not looked at. */
  get bytesLeft(): number {
    return this.#buf.length - this.#at
  }

  /** Visits elements until `step` says to stop, or `most` elements and members were passed. */
  walk(step: ElementStep, most: number): void {
    let left = most
    try {
      if (this.#state === 'start') this.#begin()
      while (this.#state !== 'over' && left > 0) {
        left -= 1
        if (this.#state === 'member') this.#member()
        else if (!this.#element(step)) return
      }
    } catch (thrown) {
      if (!(thrown instanceof JsonScanError)) throw thrown
      this.#truncated = true
      this.#state = 'over'
    }
  }

  #begin(): void {
    const at = skipSpace(this.#buf, 0)
    if (this.#buf[at] !== OPEN_BRACE) throw new JsonScanError('an object was expected', at)
    this.#at = skipSpace(this.#buf, at + 1)
    if (this.#buf[this.#at] === CLOSE_BRACE) this.#finish(this.#at + 1)
    else this.#state = 'member'
  }

  #member(): void {
    const buf = this.#buf
    const at = this.#at
    if (buf[at] !== QUOTE) throw new JsonScanError('a member name was expected', at)
    const keyEnd = skipString(buf, at)
    const key = stringAt(buf, {start: at, end: keyEnd})
    const colon = skipSpace(buf, keyEnd)
    if (buf[colon] !== COLON) throw new JsonScanError('a colon was expected', colon)
    const start = skipSpace(buf, colon + 1)
    if (key !== 'commands' || buf[start] === N) {
      this.#afterMember(skipValue(buf, start))
      return
    }
    if (!isArrayAt(buf, start)) throw new JsonScanError('an array was expected', start)
    this.#at = skipSpace(buf, start + 1)
    if (buf[this.#at] === CLOSE_BRACKET) this.#afterMember(this.#at + 1)
    else this.#state = 'element'
  }

  #element(step: ElementStep): boolean {
    const buf = this.#buf
    const {end, goOn} = step(this.#at)
    const at = skipSpace(buf, end)
    if (buf[at] === CLOSE_BRACKET) this.#afterMember(at + 1)
    else if (buf[at] === COMMA) this.#at = skipSpace(buf, at + 1)
    else throw new JsonScanError('a comma was expected', at)
    return goOn
  }

  #afterMember(end: number): void {
    const at = skipSpace(this.#buf, end)
    if (this.#buf[at] === CLOSE_BRACE) this.#finish(at + 1)
    else if (this.#buf[at] === COMMA) {
      this.#at = skipSpace(this.#buf, at + 1)
      this.#state = 'member'
    } else throw new JsonScanError('a comma was expected', at)
  }

  #finish(end: number): void {
    this.#at = skipSpace(this.#buf, end)
    this.#truncated = this.#at !== this.#buf.length
    this.#state = 'over'
  }
}
