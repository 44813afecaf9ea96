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
import {BodyCollector, lateCheck} from '../../foundation/platform/index.ts'
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

/** What all exchanges of one kind share, so that a request costs few objects. Milliseconds. */
export interface ExchangePolicy {
  readonly destination: HttpDestination
  readonly wheel: TimerWheel
  readonly now: () => Instant
  /** Longest silence after the headers; it is not noticed before `headBy`. */
  readonly silence: number
  /** Bytes kept of a body with this status. */
  readonly maxBytes: (status: number) => number
  /** What exceeds that is read and forgotten (true), or ends the exchange as `too_large`. */
  readonly discard: (status: number) => boolean
}

/** Who wants to follow an exchange. */
export interface ExchangeFollower {
  onSent(): void
  onInterim(status: number): void
  onHead(status: number): void
}

/** One exchange. */
export interface ExchangeOptions {
  readonly policy: ExchangePolicy
  readonly request: HttpRequest
  /** When the final headers have to be here. */
  readonly headBy: Instant
  readonly follower?: ExchangeFollower
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
  readonly #policy: ExchangePolicy
  readonly #options: ExchangeOptions
  readonly #done: (result: ExchangeResult) => void
  #handle: ReplyHandle | null = null
  #timer: Timer | null = null
  #status = 0
  #headers: RawHeaders = []
  #receivedAt: Instant = 0
  #body: BodyCollector | null = null
  #bytes = 0
  #lastByteAt: Instant = 0
  #ended = false
  /** Why we gave up ourselves; tells an abort by the caller from one of ours. */
  #own: 'timeout' | 'too_large' | 'caller' | null = null
  /** The caller takes what is on its way already, and does not wait for more. */
  #leaving = false

  constructor(options: ExchangeOptions, done: (result: ExchangeResult) => void) {
    this.#options = options
    this.#policy = options.policy
    this.#done = done
  }

  start(): void {
    const {headBy, request} = this.#options
    this.#timer = this.#policy.wheel.at(headBy, this.#onTimer)
    const handle = this.#policy.destination.stream(request, this)
    this.#handle = handle
    if (this.#own !== null && !this.#ended) handle.abort()
  }

  abort(): void {
    this.#giveUp('caller')
  }

  hangUp(): void {
    if (this.#ended || this.#own !== null) return
    this.#leaving = true
    this.#handle?.hangUp()
  }

  pause(): void {
    this.#handle?.pause()
  }

  resume(): void {
    this.#handle?.resume()
  }

  onSent(): void {
    if (!this.#ended) this.#options.follower?.onSent()
  }

  onInterim(status: number): void {
    if (!this.#ended) this.#options.follower?.onInterim(status)
  }

  onHead(status: number, headers: RawHeaders, receivedAt: Instant): void {
    if (this.#ended) return
    this.#status = status
    this.#headers = headers
    this.#receivedAt = receivedAt
    this.#lastByteAt = receivedAt
    this.#body = new BodyCollector(Number(headerOf(headers, 'content-length') ?? 0), {
      ahead: this.#policy.maxBytes(status),
    })
    this.#options.follower?.onHead(status)
  }

  onData(chunk: Buffer): void {
    const body = this.#body
    if (this.#ended || body === null) return
    this.#bytes += chunk.length
    this.#lastByteAt = this.#policy.now()
    const room = this.#policy.maxBytes(this.#status) - body.length
    if (chunk.length <= room) {
      body.push(chunk)
      return
    }
    if (room > 0) body.push(chunk.subarray(0, room))
    if (!this.#policy.discard(this.#status)) this.#giveUp('too_large')
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

  readonly #onTimer = (): void => {
    this.#timer = null
    if (this.#ended) return
    const quietUntil = this.#lastByteAt + this.#policy.silence
    if (this.#status !== 0 && quietUntil > this.#policy.now()) {
      // Looked at only now: moving a timer for every answer costs more than noticing a silence later.
      this.#timer = this.#policy.wheel.at(quietUntil, this.#onTimer)
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
    if (this.#timer) this.#policy.wheel.clear(this.#timer)
    this.#timer = null
    if (cut !== null && (this.#status === 0 || this.#own === 'caller')) {
      const timedOut = this.#own === 'timeout' || cut.failure === 'timeout_http' || cut.failure === 'timeout_connect'
      this.#done({failure: cut, timedOut, aborted: this.#own === 'caller' || this.#leaving})
      return
    }
    const raw = this.#body?.take() ?? NOTHING
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
        maxOutputLength: Math.max(1, this.#policy.maxBytes(this.#status)),
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
