// One request and its small answer, collected as bytes. Time is kept here: until the headers are in, a fixed deadline;
// after that only silence ends it, because an answer that is arriving must not be thrown away by our own clock.

import {promisify} from 'node:util'
import {constants, gunzip} from 'node:zlib'
import type {
  HttpDestination,
  HttpFailure,
  HttpRequest,
  Instant,
  RawHeaders,
  ReplyHandle,
  ReplySink,
  Timer,
  TimerWheel,
} from '../../foundation/platform/index.ts'
import {lateCheck} from '../../foundation/platform/index.ts'
import {headerOf} from '../../foundation/wire/index.ts'

/** A complete or broken-off answer. */
export interface ExchangeReply {
  readonly status: number
  readonly headers: RawHeaders
  /** Decompressed; what there is of it when `cut` is set. */
  readonly body: Buffer
  readonly receivedAt: Instant
  /** Why the body is not complete; null when it is. */
  readonly cut: HttpFailure | null
}

/** How an exchange ended: an answer with a final status, or none. `aborted`: by the caller. */
export type ExchangeResult =
  | {readonly reply: ExchangeReply}
  | {readonly failure: HttpFailure; readonly timedOut: boolean; readonly aborted: boolean}

/** One exchange. Milliseconds. */
export interface ExchangeOptions {
  readonly destination: HttpDestination
  readonly request: HttpRequest
  readonly wheel: TimerWheel
  /** When the final headers have to be here. */
  readonly headBy: Instant
  /** Longest silence after the headers. */
  readonly silence: number
  readonly now: () => Instant
  /** Bytes kept of a body with `status`; what exceeds it is cut (`too_large`) or, with `discard`, read and forgotten. */
  readonly maxBytes: (status: number) => number
  readonly discard: (status: number) => boolean
  readonly onSent?: () => void
  readonly onInterim?: (status: number) => void
  readonly onHead?: (status: number) => void
}

const gunzipBytes = promisify(gunzip)
const NOTHING = Buffer.alloc(0)

/** Starts one exchange. `done` comes exactly once. */
export function exchange(options: ExchangeOptions, done: (result: ExchangeResult) => void): ReplyHandle {
  const run = new Exchange(options, done)
  run.start()
  return run
}

class Exchange implements ReplySink, ReplyHandle {
  readonly #options: ExchangeOptions
  readonly #done: (result: ExchangeResult) => void
  #handle: ReplyHandle | null = null
  #timer: Timer | null = null
  #status = 0
  #headers: RawHeaders = []
  #receivedAt: Instant = 0
  #chunks: Buffer[] = []
  #bytes = 0
  #kept = 0
  #lastByteAt: Instant = 0
  #ended = false
  /** Why we gave up ourselves; tells an abort by the caller from one of ours. */
  #own: 'timeout' | 'too_large' | 'caller' | null = null

  constructor(options: ExchangeOptions, done: (result: ExchangeResult) => void) {
    this.#options = options
    this.#done = done
  }

  start(): void {
    this.#timer = this.#options.wheel.at(this.#options.headBy, () => this.#onTimer())
    const handle = this.#options.destination.stream(this.#options.request, this)
    this.#handle = handle
    if (this.#own !== null && !this.#ended) handle.abort()
  }

  abort(): void {
    this.#giveUp('caller')
  }

  pause(): void {
    this.#handle?.pause()
  }

  resume(): void {
    this.#handle?.resume()
  }

  onSent(): void {
    if (!this.#ended) this.#options.onSent?.()
  }

  onInterim(status: number): void {
    if (!this.#ended) this.#options.onInterim?.(status)
  }

  onHead(status: number, headers: RawHeaders, receivedAt: Instant): void {
    if (this.#ended) return
    this.#status = status
    this.#headers = headers
    this.#receivedAt = receivedAt
    this.#lastByteAt = receivedAt
    this.#watch(receivedAt + this.#options.silence)
    this.#options.onHead?.(status)
  }

  onData(chunk: Buffer): void {
    if (this.#ended) return
    this.#bytes += chunk.length
    this.#lastByteAt = this.#options.now()
    const room = this.#options.maxBytes(this.#status) - this.#kept
    if (chunk.length <= room) {
      this.#chunks.push(chunk)
      this.#kept += chunk.length
      return
    }
    if (room > 0) {
      this.#chunks.push(chunk.subarray(0, room))
      this.#kept += room
    }
    if (!this.#options.discard(this.#status)) this.#giveUp('too_large')
  }

  onEnd(): void {
    this.#finish(null)
  }

  onFailure(failure: HttpFailure): void {
    this.#finish(this.#translate(failure))
  }

  #translate(failure: HttpFailure): HttpFailure {
    if (this.#own === 'too_large')
      return {...failure, failure: 'too_large', message: 'the answer is larger than the limit'}
    if (this.#own === 'timeout') {
      const message = this.#status === 0 ? 'no answer in time' : 'the answer stopped arriving'
      return {...failure, failure: 'timeout_http', message}
    }
    return failure
  }

  #watch(at: Instant): void {
    const {wheel} = this.#options
    if (this.#timer) wheel.clear(this.#timer)
    this.#timer = wheel.at(at, () => this.#onTimer())
  }

  #onTimer(): void {
    this.#timer = null
    if (this.#ended) return
    const quietUntil = this.#lastByteAt + this.#options.silence
    if (this.#status !== 0 && quietUntil > this.#options.now()) {
      this.#watch(quietUntil)
      return
    }
    lateCheck({
      progress: () => this.#bytes + this.#status + (this.#ended ? 1 : 0),
      expire: () => {
        if (!this.#ended && this.#timer === null) this.#giveUp('timeout')
      },
    })
  }

  #giveUp(why: 'timeout' | 'too_large' | 'caller'): void {
    if (this.#ended || this.#own !== null) return
    this.#own = why
    this.#handle?.abort()
  }

  #finish(cut: HttpFailure | null): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#timer) this.#options.wheel.clear(this.#timer)
    this.#timer = null
    if (cut !== null && (this.#status === 0 || this.#own === 'caller')) {
      const timedOut = this.#own === 'timeout' || cut.failure === 'timeout_http' || cut.failure === 'timeout_connect'
      this.#done({failure: cut, timedOut, aborted: this.#own === 'caller'})
      return
    }
    const raw =
      this.#chunks.length === 1 ? this.#chunks[0]! : this.#chunks.length === 0 ? NOTHING : Buffer.concat(this.#chunks)
    this.#chunks = []
    const encoding = (headerOf(this.#headers, 'content-encoding') ?? '').trim().toLowerCase()
    if (encoding === '' || encoding === 'identity' || raw.length === 0) this.#reply(raw, cut)
    else void this.#decompress(encoding, raw, cut)
  }

  async #decompress(encoding: string, raw: Buffer, cut: HttpFailure | null): Promise<void> {
    if (encoding !== 'gzip' && encoding !== 'x-gzip') {
      this.#reply(NOTHING, undecodable(`the answer is encoded as "${encoding.slice(0, 32)}", which was not asked for`))
      return
    }
    let body: Buffer
    try {
      body = await gunzipBytes(raw, {
        maxOutputLength: Math.max(1, this.#options.maxBytes(this.#status)),
        finishFlush: constants.Z_SYNC_FLUSH,
      })
    } catch (thrown) {
      const tooLarge = (thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      this.#reply(
        NOTHING,
        tooLarge
          ? {...undecodable('the decompressed answer is larger than the limit'), failure: 'too_large'}
          : undecodable('the answer cannot be decompressed'),
      )
      return
    }
    this.#reply(body, cut)
  }

  #reply(body: Buffer, cut: HttpFailure | null): void {
    this.#done({
      reply: {status: this.#status, headers: this.#headers, body, receivedAt: this.#receivedAt, cut},
    })
  }
}

const undecodable = (message: string): HttpFailure => ({failure: 'undecodable', message, unsent: false, trace: []})
