// One request and its small answer, collected as bytes. Time is kept here: until the headers are in, a fixed deadline. After
// that only silence ends a body that is wanted, because what is arriving must not be thrown away by our own clock; a body
// that only explains a status, or says nothing, gets a moment, because what matters is known already.

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
  /** What is read of an answer with this status. */
  readonly terms: (status: number) => BodyTerms
}

/** How much of a body is read, and for how long. What ends a body early leaves its status as it was. */
export interface BodyTerms {
  /** Bytes that are kept. */
  readonly keep: number
  /** Bytes that are read, the kept ones included; more of them end the exchange as `too_large`. */
  readonly most: number
  /** Milliseconds, counted from the headers on. */
  readonly within: number
  /** Every byte starts them anew. */
  readonly renewed: boolean
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
  /** Null until the headers are here. */
  #terms: BodyTerms | null = null
  #headers: RawHeaders = []
  #receivedAt: Instant = 0
  #body: BodyCollector | null = null
  #bytes = 0
  /** Since when the time of the body runs. */
  #since: Instant = 0
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
    this.#arm(this.#options.headBy)
    const handle = this.#policy.destination.stream(this.#options.request, this)
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
    this.#since = receivedAt
    const terms = this.#policy.terms(status)
    const {keep} = terms
    this.#terms = terms
    if (keep > 0) this.#body = new BodyCollector(Number(headerOf(headers, 'content-length') ?? 0), {ahead: keep})
    this.#arm(receivedAt + terms.within)
    this.#options.follower?.onHead(status)
  }

  onData(chunk: Buffer): void {
    const terms = this.#terms
    if (this.#ended || terms === null) return
    this.#bytes += chunk.length
    if (terms.renewed) this.#since = this.#policy.now()
    if (this.#body !== null) {
      const room = terms.keep - this.#body.length
      if (chunk.length <= room) this.#body.push(chunk)
      else if (room > 0) this.#body.push(chunk.subarray(0, room))
    }
    if (this.#bytes > terms.most) this.#giveUp('too_large')
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

  #arm(at: Instant): void {
    const {wheel} = this.#policy
    if (this.#timer !== null) wheel.clear(this.#timer)
    this.#timer = wheel.at(at, this.#onTimer)
  }

  /**
   * When it is over, if nothing more comes. A body that is wanted may begin as late as its headers may: a proxy, or the
   * service itself, may send those at once and wait with the rest.
   */
  #due(): Instant {
    const {headBy} = this.#options
    if (this.#terms === null) return headBy
    const {within, renewed} = this.#terms
    const due = this.#since + within
    return renewed && this.#bytes === 0 ? Math.max(due, headBy) : due
  }

  readonly #onTimer = (): void => {
    this.#timer = null
    if (this.#ended) return
    const due = this.#due()
    if (due > this.#policy.now()) {
      this.#arm(due)
      return
    }
    lateCheck({
      progress: () => this.#bytes + this.#status + (this.#ended ? 1 : 0),
      expire: () => {
        if (this.#ended || this.#timer !== null) return
        // What came while it was looked for may have set another time.
        const later = this.#due()
        if (later > this.#policy.now()) this.#arm(later)
        else this.#giveUp('timeout')
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
        maxOutputLength: Math.max(1, this.#terms?.keep ?? 0),
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
