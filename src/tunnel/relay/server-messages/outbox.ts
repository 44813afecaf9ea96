// What a server sends during one call on its way up: one POST after the other, in order, never more than fits. The terminal
// answer waits behind it and is never dropped.

import {isObjectAt, readRpcMessage, scanObject} from '../../../foundation/wire/index.ts'
import type {RequestHandle, RespondOutcome} from '../../control-plane/index.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  /** Posts one notification. */
  readonly post: (raw: Buffer, done: (outcome: RespondOutcome) => void) => RequestHandle
  /** One could not be delivered. Later ones are still sent when that was an accident of this one. */
  readonly onFailure: (outcome: RespondOutcome) => void
  /** Nobody waits for this call any more; nothing more is sent. */
  readonly onGone: () => void
  /** So many were dropped because of the bound. */
  readonly onDropped: (count: number) => void
  /** More waits than should (true), or the queue is nearly empty again (false): the source should pause or go on. */
  readonly onPressure: (high: boolean) => void
}

/**
 * The source is paused long before the bound, but cannot stay paused while others wait for the same server: a burst of
 * thousands of small messages has to fit.
 */
const MAX_MESSAGES = 8000
const MAX_BYTES = 1024 * 1024
/** What is left after the oldest are dropped: room for more than one message, because looking for it reads the whole queue. */
const KEPT = 7 / 8
const PAUSE_AT = 500
const PAUSE_AT_BYTES = MAX_BYTES / 2
const RESUME_AT = 125
const RESUME_AT_BYTES = MAX_BYTES / 8
/** So many lost connections in a row are no accident. */
const MOST_ACCIDENTS = 3
const TOO_LARGE = 413

/** Why a message was not delivered: the status of the refusal, a post that got no answer, or it was never posted. */
export type Loss = number | 'no_answer' | 'not_posted'

/** Called when a message was not delivered. It may push again. */
export type Undelivered = (why: Loss) => void

/** Notifications and questions of one call. */
export class Outbox {
  readonly #options: OutboxOptions
  #queue: Buffer[] = []
  #bytes = 0
  #current: RequestHandle | null = null
  #posting: Buffer | null = null
  /** Messages whose senders have to know when they are not delivered; most calls have none. */
  #watched: Map<Buffer, Undelivered> | null = null
  #accidents = 0
  #broken = false
  #high = false
  #afterwards: (() => void) | null = null

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  get idle(): boolean {
    return this.#posting === null
  }

  /** With `undelivered` a message breaks nothing when it is lost: its sender is told, and later ones still go. */
  push(raw: Buffer, undelivered?: Undelivered): void {
    if (this.#broken) {
      undelivered?.('not_posted')
      return
    }
    if (undelivered !== undefined) {
      this.#watched ??= new Map()
      this.#watched.set(raw, undelivered)
    }
    if (this.#posting === null) {
      this.#post(raw)
      return
    }
    this.#queue.push(raw)
    this.#bytes += raw.length
    if (this.#isAbove(1)) this.#makeRoom()
    this.#pressure()
  }

  /** Calls `next` when everything that was pushed has left. Nothing may be pushed afterwards. */
  finish(next: () => void): void {
    if (this.#posting === null) next()
    else this.#afterwards = next
  }

  /** Drops progress that newer progress of the same token has overtaken. */
  thinOut(): void {
    const newest = new Set<string>()
    const kept: Buffer[] = []
    for (let i = this.#queue.length - 1; i >= 0; i--) {
      const raw = this.#queue[i]!
      const token = progressToken(raw)
      if (token !== null && newest.has(token)) {
        this.#bytes -= raw.length
        continue
      }
      if (token !== null) newest.add(token)
      kept.push(raw)
    }
    const dropped = this.#queue.length - kept.length
    if (dropped === 0) return
    this.#queue = kept.reverse()
    this.#options.onDropped(dropped)
  }

  /** Sends nothing more, and forgets who waits for the end or for a message. */
  abort(): void {
    this.#watched = null
    this.#break()
    this.#afterwards = null
    this.#current?.abort()
  }

  /** A connection that was cut may have been cut for everybody, and a message that is too large says nothing of others. */
  #isAccident(outcome: RespondOutcome): boolean {
    if (outcome.kind === 'refused') return outcome.status === TOO_LARGE
    if (outcome.kind !== 'failed' || outcome.failure.transport === null || outcome.failure.timedOut) return false
    this.#accidents += 1
    return this.#accidents < MOST_ACCIDENTS
  }

  #break(): void {
    this.#broken = true
    this.#queue = []
    this.#bytes = 0
    const watched = this.#watched
    this.#watched = null
    if (watched !== null) for (const undelivered of watched.values()) undelivered('not_posted')
  }

  #unwatch(raw: Buffer): Undelivered | undefined {
    const undelivered = this.#watched?.get(raw)
    if (undelivered !== undefined) this.#watched!.delete(raw)
    return undelivered
  }

  #isAbove(share: number): boolean {
    const {length} = this.#queue
    return length > share * MAX_MESSAGES || (this.#bytes > share * MAX_BYTES && length > 1)
  }

  #makeRoom(): void {
    this.thinOut()
    if (!this.#isAbove(1)) return
    let dropped = 0
    while (this.#isAbove(KEPT)) {
      const raw = this.#queue.shift()!
      this.#bytes -= raw.length
      this.#unwatch(raw)?.('not_posted')
      dropped += 1
    }
    this.#options.onDropped(dropped)
  }

  #pressure(): void {
    const {length} = this.#queue
    if (!this.#high && (length > PAUSE_AT || this.#bytes > PAUSE_AT_BYTES)) {
      this.#high = true
      this.#options.onPressure(true)
    } else if (this.#high && length < RESUME_AT && this.#bytes < RESUME_AT_BYTES) {
      this.#high = false
      this.#options.onPressure(false)
    }
  }

  #post(raw: Buffer): void {
    this.#posting = raw
    let settled = false
    const handle = this.#options.post(raw, (outcome) => {
      settled = true
      this.#settle(outcome)
    })
    if (!settled) this.#current = handle
  }

  #settle(outcome: RespondOutcome): void {
    const undelivered = this.#posting === null ? undefined : this.#unwatch(this.#posting)
    let tell: (() => void) | null = null
    this.#current = null
    this.#posting = null
    if (!this.#broken && outcome.kind === 'delivered' && outcome.unknown) {
      this.#break()
      this.#options.onGone()
    } else if (outcome.kind === 'delivered') this.#accidents = 0
    else if (!this.#broken) {
      if (undelivered !== undefined) tell = () => undelivered(lossOf(outcome))
      else {
        if (!this.#isAccident(outcome)) this.#break()
        this.#options.onFailure(outcome)
      }
    }
    const next = this.#queue.shift()
    if (next !== undefined) {
      this.#bytes -= next.length
      this.#post(next)
    }
    tell?.()
    this.#pressure()
    if (this.#posting === null) {
      const afterwards = this.#afterwards
      this.#afterwards = null
      afterwards?.()
    }
  }
}

function lossOf(outcome: RespondOutcome): Loss {
  if (outcome.kind === 'refused') return outcome.status
  return (outcome.kind === 'failed' ? outcome.failure.status : null) ?? 'no_answer'
}

/** The token of a progress notification as it was written, else null. */
function progressToken(raw: Buffer): string | null {
  try {
    const {method, params} = readRpcMessage(raw)
    if (method !== 'notifications/progress' || params === null || !isObjectAt(raw, params.start)) return null
    let token: string | null = null
    scanObject(raw, params.start, (key, value) => {
      if (key === 'progressToken') token = raw.toString('latin1', value.start, value.end)
    })
    return token
  } catch {
    return null
  }
}
