// The body of one reply: its encoding undone, held within its limit, and cut into what is read of it. JSON is read at its end,
// events as they come.

import {BodyCollector, type RawHeaders} from '../../../../foundation/platform/index.ts'
import {headerOf} from '../../../../foundation/wire/index.ts'
import {isCompleteJson} from '../../messages.ts'
import {type SseEvent, SseReader} from '../sse.ts'
import {createDecoder, type DecodedSink, type Decoder} from './decode.ts'

/** Largest JSON answer, and largest single event, in bytes. A stream as a whole has no limit. */
const MAX_JSON_BYTES = 64 * 1024 * 1024
const MAX_EVENT_BYTES = 256 * 1024 * 1024

/** What a body is read as. `error`: JSON of a refusal. */
export type BodyForm = 'json' | 'events' | 'error'

/** Who reads a body. */
export interface BodyListener {
  onEvent(event: SseEvent): void
  /** It has ended and was whole: {@link ReplyBody.text} has it, or all of its events have come. */
  onWhole(): void
  onTooLarge(limit: number): void
  /** Its encoding is unknown or broken. */
  onUndecodable(message: string): void
  /** What it was told of an event or the end made it throw. */
  onDefect(thrown: unknown): void
}

/** Takes the bytes of one reply. */
export class ReplyBody implements DecodedSink {
  readonly form: BodyForm
  /** Of the form `events`, else null. */
  readonly events: SseReader | null
  readonly #listener: BodyListener
  readonly #collector: BodyCollector | null
  readonly #decoder: Decoder | null
  #isOver = false

  /** `listener` may hear from it before this returns. */
  constructor(form: BodyForm, headers: RawHeaders, listener: BodyListener) {
    this.form = form
    this.#listener = listener
    const announced = Number(headerOf(headers, 'content-length') ?? 0)
    this.#collector = form === 'events' ? null : new BodyCollector(announced, {ahead: MAX_JSON_BYTES})
    this.events = form === 'events' ? new SseReader((event) => listener.onEvent(event)) : null
    this.#decoder = createDecoder(headerOf(headers, 'content-encoding'), this)
    if (this.#decoder === null) listener.onUndecodable('the content encoding of the answer is not understood')
  }

  /** Bytes as they came. */
  write(chunk: Buffer): void {
    this.#decoder?.write(chunk)
  }

  /** No more of them come. */
  finish(): void {
    this.#decoder?.end()
  }

  /** Its connection broke. What has arrived counts: the last event may be whole. */
  cut(): void {
    this.#decoder?.destroy()
    this.events?.end(isCompleteJson)
  }

  /** What came of a body that is no event stream. */
  text(): Buffer {
    return this.#collector!.take()
  }

  /** Nothing more is read. */
  destroy(): void {
    this.#isOver = true
    this.#decoder?.destroy()
  }

  data(chunk: Buffer): void {
    if (this.#isOver) return
    if (this.events !== null) {
      this.events.push(chunk)
      if (this.events.heldBytes > MAX_EVENT_BYTES) this.#listener.onTooLarge(MAX_EVENT_BYTES)
      return
    }
    this.#collector!.push(chunk)
    if (this.#collector!.length > MAX_JSON_BYTES) this.#listener.onTooLarge(MAX_JSON_BYTES)
  }

  end(): void {
    if (this.#isOver) return
    this.events?.end(isCompleteJson)
    this.#listener.onWhole()
  }

  onDefect(thrown: unknown): void {
    this.#listener.onDefect(thrown)
  }

  error(message: string): void {
    this.#listener.onUndecodable(message)
  }
}
