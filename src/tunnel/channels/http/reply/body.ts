// The body of one reply: its encoding undone, held within its limit, and cut into what is read of it. JSON is read at its end,
// events as they come.

import {
  BodyCollector,
  contentEncodings,
  type HttpFailure,
  type RawHeaders,
} from '../../../../foundation/platform/index.ts'
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
  /** Its connection broke; what had arrived is there as above. */
  onCut(cause: HttpFailure): void
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
  /** Null: the bytes are what they are. */
  readonly #decoder: Decoder | null
  #cause: HttpFailure | null = null
  #isOver = false

  /** `listener` may hear from it before this returns. */
  constructor(form: BodyForm, headers: RawHeaders, listener: BodyListener) {
    this.form = form
    this.#listener = listener
    const announced = Number(headerOf(headers, 'content-length') ?? 0)
    this.#collector = form === 'events' ? null : new BodyCollector(announced, {ahead: MAX_JSON_BYTES})
    this.events = form === 'events' ? new SseReader((event) => listener.onEvent(event)) : null
    const encodings = headerOf(headers, 'content-encoding') === null ? [] : contentEncodings(headers)
    this.#decoder = encodings.length === 0 ? null : createDecoder(encodings, this)
    if (encodings.length > 0 && this.#decoder === null) {
      const named = JSON.stringify(encodings.join(', ').slice(0, 80))
      listener.onUndecodable(`the content encoding ${named} of the answer is not understood`)
    }
  }

  /** Bytes as they came. */
  write(chunk: Buffer): void {
    if (this.#decoder === null) this.data(chunk)
    else this.#decoder.write(chunk)
  }

  /** No more of them come. */
  finish(): void {
    if (this.#decoder === null) this.end()
    else this.#decoder.end()
  }

  /** Its connection broke. What has arrived counts: it is read to its end, and the last event may be whole. */
  cut(cause: HttpFailure): void {
    this.#cause = cause
    this.finish()
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
    if (this.#cause === null) this.#listener.onWhole()
    else this.#listener.onCut(this.#cause)
  }

  onDefect(thrown: unknown): void {
    this.#listener.onDefect(thrown)
  }

  error(message: string): void {
    if (this.#cause === null) this.#listener.onUndecodable(message)
    else this.end()
  }
}
