// The poll loop. Quiet traffic is one poll at a time, exactly as the reference does it; polls overlap only where round-trip
// time makes it worth it. With no room for more commands, a poll stands open for those that concern running calls, where the
// service offers that. It never ends a poll by itself, except at the very end of a drain.

import type {Clock, Instant, LogAttrs, Logger, Timer, TimerWheel} from '../../../foundation/platform/index.ts'
import type {ControlPlaneClient, PollOutcome, ServiceFailure, UndecodedRest} from '../../control-plane/index.ts'
import type {RelayEvent, RelaySnapshot} from '../types.ts'
import {type Answered, isCut, type Kind, type Open} from './open-poll.ts'
import {type RefusedSlice, refuseRest} from './oversized-answer.ts'
import type {PollDelays} from './poll-delays.ts'
import type {PollEvidence} from './poll-evidence.ts'
import {Turnaround} from './turnaround.ts'

/** What a poller needs. */
export interface PollerOptions {
  readonly client: ControlPlaneClient
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly log: Logger
  readonly pollTimeout: number
  readonly pollDeadlineGuardrail: number
  readonly delays: PollDelays
  readonly evidence: PollEvidence
  readonly emit: (event: RelayEvent) => void
  readonly advise: (failure: ServiceFailure) => LogAttrs
  /** How many commands may be asked for now, polls under way not counted. */
  readonly free: () => number
  /** Takes the commands of one answer; returns how many were taken in, and how many had been here before. */
  readonly take: (answer: Answered) => {enqueued: number; repeated: number}
  /** Refuses what an answer holds beyond what can be taken of it; `done` is called once. */
  readonly refuse: (slice: RefusedSlice, done: () => void) => void
  /** The first poll is on the wire or has failed; a later one is on the wire although polling is not proved. */
  readonly onUnproved: (when: 'first' | 'later') => void
  /** A poll has ended and its commands are taken. */
  readonly onEnded: () => void
}

const MOST_PER_POLL = 25
const MOST_EXTRAS = 8
const EXTRA_TIMEOUT_MS = 1_000
/** Overlapping pays only when an answer takes longer than this. */
const WORTHWHILE_TURNAROUND_MS = 5
/** After this time a poll goes to tell of an answer that was lost, if no other has. */
const TELL_MS = 100
/** A poll that lasted this share of its time and was then reset was cut by something that dislikes idle requests. */
const IDLE_CUT_SHARE = 0.8
/** After this share of its time a poll counts as one that the service had taken: 5 of 30 seconds. */
const STOOD_SHARE = 1 / 6
/** An empty answer that came faster was no long poll. */
const HASTY_MS = 100
const HASTY_GRACE = 3
/** A service that is told that nobody waits any longer ends the poll at once, or never: this long it has. */
const LEAVE_MS = 500

/**
 * - `idle`: before the start.
 * - `polling`: one poll after the other.
 * - `listening`: no new polls for commands; urgent ones for who asks for them.
 * - `deaf`: one of these has failed, or came back empty at once: there is no sense in another.
 */
type Phase = 'idle' | 'polling' | 'listening' | 'deaf'

/** Keeps polls going. */
export class Poller {
  readonly #options: PollerOptions
  #phase: Phase = 'idle'
  /** Which kinds stand open and how much room is promised is asked of these, and kept nowhere else: they are few. */
  readonly #open = new Set<Open>()
  /** The pause before the next poll. */
  #delay: Timer | null = null
  /** When it ends. */
  #resumesAt: Instant = 0
  /** No room: the next poll waits for a {@link kick}. */
  #isFull = false
  /** Polls in a row that came back at once with nothing new. */
  #hasty = 0
  readonly #turnaround = new Turnaround()
  #isFirst = true
  #isTelling = false
  /** The latest poll has failed: the next may reach a service that was started anew. */
  #isUnsure = false
  /** Ends the wait for polls that we hung up. */
  #leave: Timer | null = null

  constructor(options: PollerOptions) {
    this.#options = options
  }

  start(): void {
    this.#phase = 'polling'
    this.#options.log.info('poller started')
    this.#next()
  }

  /** No new polls. Those under way are left alone. */
  stopPolling(reason: string): void {
    if (this.#phase !== 'polling') return
    this.#phase = 'listening'
    if (this.#delay !== null) this.#options.wheel.clear(this.#delay)
    this.#delay = null
    this.#options.log.info('stopping control-plane poller')
    this.#options.log.info('poller stopped', {reason})
  }

  /**
   * For a relay that has stopped polling: sees to it that a poll is open on which callers' answers can come. False when
   * there is none and none can be had.
   */
  hearAnswers(): boolean {
    for (const poll of this.#open) if (!poll.isLeaving) return true
    if (this.#phase === 'deaf' || !this.#options.client.offers('urgent')) return false
    this.#poll('urgent', MOST_PER_POLL, this.#options.pollTimeout)
    return true
  }

  /**
   * Hangs up the polls that wait for an answer, and aborts those that have not ended soon after. In between comes what the
   * service had written when it heard of it: with an abort that would be lost, and the service would not know. What is being
   * read is left alone. Returns how many are left.
   */
  leaveIdle(): number {
    const {wheel, clock} = this.#options
    for (const poll of [...this.#open]) {
      if (poll.hasHead || poll.isLeaving) continue
      poll.isLeaving = true
      this.#leave ??= wheel.at(clock.now() + LEAVE_MS, () => {
        this.#leave = null
        for (const late of [...this.#open]) if (late.isLeaving && !late.hasHead) late.handle?.abort()
      })
      poll.handle?.hangUp()
    }
    return this.#open.size
  }

  abortAll(): void {
    for (const poll of [...this.#open]) {
      if (poll.rest === null) poll.handle?.abort()
      else {
        poll.rest.stop()
        this.#closed(poll, ABORTED)
      }
    }
  }

  /** Polls under way, those of them whose answer is being read, and the rest of the pause before the next one. */
  counts(): RelaySnapshot['polls'] {
    let reading = 0
    for (const poll of this.#open) if (poll.hasHead) reading += 1
    const pauseMs = this.#delay === null ? null : Math.max(0, this.#resumesAt - this.#options.clock.now())
    return {open: this.#open.size, reading, pauseMs}
  }

  /** There may be room again. */
  kick(): void {
    if (this.#isFull) this.#next()
  }

  /**
   * A connection was given up at `at`: it had gone dead without a word. A poll that began before, on another one, may wait
   * for nothing until its time is over: it is left to itself, and a new one takes its place.
   */
  doubt(at: Instant): void {
    for (const poll of this.#open) {
      if (poll.kind !== 'main' || poll.hasHead || poll.startedAt > at) continue
      this.#options.log.info('an answer was acknowledged only on a new connection; polling on a new one, too')
      poll.kind = 'extra'
      poll.handle?.disown()
      poll.promise = 0
    }
    this.#next()
  }

  #next(): void {
    if (this.#phase !== 'polling' || this.#delay !== null) return
    if (this.#count('main') === 0) this.#renew()
    this.#tellSoon()
  }

  #renew(): void {
    const limit = this.#grant()
    this.#isFull = limit <= 0
    if (limit > 0) this.#poll('main', limit, this.#options.pollTimeout)
    else if (this.#promised() === 0 && this.#count('urgent') === 0 && this.#options.client.offers('urgent')) {
      // With every place taken a poll may bring nothing for long, and only its answer tells that the service is another.
      this.#poll('urgent', MOST_PER_POLL, this.#isUnsure ? EXTRA_TIMEOUT_MS : this.#options.pollTimeout)
    }
  }

  /** An answer was lost beside the poll that stands open: the next one may be half a minute away, so one goes to tell. */
  #tellSoon(): void {
    const {client, wheel, clock} = this.#options
    if (this.#isTelling || !client.owesNews()) return
    this.#isTelling = true
    wheel.at(clock.now() + TELL_MS, () => {
      this.#isTelling = false
      if (this.#phase !== 'polling' || this.#delay !== null || !client.owesNews()) return
      const limit = this.#grant()
      if (limit > 0) this.#poll('extra', limit, EXTRA_TIMEOUT_MS)
      else if (client.offers('urgent')) this.#poll('extra', MOST_PER_POLL, EXTRA_TIMEOUT_MS, true)
    })
  }

  #grant(): number {
    return Math.min(MOST_PER_POLL, this.#options.free() - this.#promised())
  }

  #promised(): number {
    let promised = 0
    for (const poll of this.#open) promised += poll.promise
    return promised
  }

  #count(kind: Kind): number {
    let count = 0
    for (const poll of this.#open) if (poll.kind === kind) count += 1
    return count
  }

  #poll(kind: Kind, limit: number, timeoutMs: number, urgent = kind === 'urgent'): void {
    const {client, clock, log, emit} = this.#options
    emit({type: 'poll_started', limit})
    if (log.enabled('debug')) log.debug('poll cycle started', {limit})
    const poll: Open = {
      kind,
      limit,
      promise: urgent ? 0 : limit,
      timeoutMs,
      startedAt: clock.now(),
      hasHead: false,
      isLeaving: false,
      handle: null,
      rest: null,
      onSent: () => this.#sent(),
      onAccepted: () => this.#accepted(),
      onHead: () => {
        poll.hasHead = true
      },
      onOutcome: (outcome) => this.#ended(poll, outcome),
    }
    this.#open.add(poll)
    const handle = client.poll({limit, timeoutMs, urgent}, poll)
    if (this.#open.has(poll)) poll.handle = handle
  }

  #sent(): void {
    if (this.#isFirst) {
      this.#isFirst = false
      this.#options.onUnproved('first')
    } else if (!this.#options.evidence.isAccepted()) this.#options.onUnproved('later')
  }

  #accepted(): void {
    if (this.#options.evidence.accepted()) this.#options.log.info('poller recovered; polling operational')
  }

  #ended(poll: Open, outcome: PollOutcome): void {
    if (outcome.kind === 'answered' && outcome.rest !== null) this.#oversized(poll, outcome, outcome.rest)
    else this.#closed(poll, outcome)
  }

  /** The poll stays open until the rest is refused: another one would bring more, and a drain waits for this one. */
  #oversized(poll: Open, outcome: Answered, rest: UndecodedRest): void {
    const {clock, log, refuse} = this.#options
    const fresh = this.#answered(poll, outcome)
    const onDone = (cut: ServiceFailure | null): void => this.#closed(poll, {...outcome, cut}, fresh)
    poll.rest = refuseRest({rest, clock, log, refuse, onDone})
  }

  /** `taken`: how many of its commands are new, where they were taken before. */
  #closed(poll: Open, outcome: PollOutcome, taken: number | null = null): void {
    const {clock, wheel, emit, onEnded} = this.#options
    this.#open.delete(poll)
    if (this.#leave !== null && this.#open.size === 0) {
      wheel.clear(this.#leave)
      this.#leave = null
    }
    const latencyMs = clock.now() - poll.startedAt
    if (outcome.kind === 'aborted' || (poll.isLeaving && outcome.kind === 'failed')) {
      emit({type: 'poll_finished', latencyMs, errorKind: 'context_canceled'})
      onEnded()
      return
    }
    const failure = outcome.kind === 'failed' ? outcome.failure : outcome.cut
    const errorKind = failure === null ? null : failure.timedOut ? 'timeout' : 'other'
    emit({type: 'poll_finished', latencyMs, errorKind})
    const fresh = taken ?? (outcome.kind === 'answered' ? this.#answered(poll, outcome) : 0)
    if (this.#phase === 'listening' && (failure !== null || (fresh === 0 && latencyMs < HASTY_MS))) this.#phase = 'deaf'
    this.#isUnsure = failure !== null
    if (failure === null) this.#succeeded(poll, fresh, latencyMs)
    else if (this.#isIdleCut(poll, failure, latencyMs)) {
      this.#hasty = 0
      this.#options.delays.reset()
      this.#accepted()
    } else if (poll.kind !== 'extra') {
      // It stood and waited for work: what cut it is a habit of the way, no reason to stay away longer each time.
      if (isCut(failure) && latencyMs >= poll.timeoutMs * STOOD_SHARE) this.#options.delays.reset()
      this.#failed(failure)
    }
    this.#next()
    if (failure === null && poll.kind !== 'urgent') this.#overlap(poll, fresh, latencyMs)
    onEnded()
  }

  /** Returns how many of its commands are new. */
  #answered(poll: Open, outcome: Answered): number {
    const {log, emit, take, free} = this.#options
    const polled = outcome.commands.length
    if (polled > poll.limit) {
      log.error('control-plane returned more commands than requested limit', {limit: poll.limit, returned: polled})
      if (polled > free()) {
        const text = 'more commands polled than available slots.'
        log.error(`${text} tunnel-service is not respecting limit request and overflowing client`, {returned: polled})
      }
    }
    const {enqueued, repeated} = take(outcome)
    if (polled > 0) emit({type: 'commands_polled', polled, enqueued})
    if (log.enabled('debug')) {
      log.debug('poll cycle complete', {commands_polled: polled, commands_enqueued: enqueued})
    }
    return polled - repeated
  }

  #succeeded(poll: Open, fresh: number, latencyMs: number): void {
    this.#options.delays.reset()
    this.#accepted()
    if (poll.kind === 'extra') return
    this.#hasty = fresh === 0 && latencyMs < HASTY_MS ? this.#hasty + 1 : 0
    // A service that answers at once with nothing, or with the same thing, would be asked thousands of times a second.
    if (this.#hasty > HASTY_GRACE) this.#wait(Math.min(1_000, HASTY_MS * (this.#hasty - HASTY_GRACE)))
  }

  #overlap(poll: Open, fresh: number, latencyMs: number): void {
    this.#turnaround.note(latencyMs)
    if (this.#phase !== 'polling' || fresh < 2 || fresh * 2 < poll.limit) return
    if (this.#turnaround.ms <= WORTHWHILE_TURNAROUND_MS) return
    while (this.#count('extra') < MOST_EXTRAS) {
      const limit = this.#grant()
      if (limit <= 0) return
      this.#poll('extra', limit, EXTRA_TIMEOUT_MS)
    }
  }

  #isIdleCut(poll: Open, failure: ServiceFailure, latencyMs: number): boolean {
    if (!isCut(failure) || latencyMs < poll.timeoutMs * IDLE_CUT_SHARE) return false
    // Nobody cut it: nobody is there.
    if (failure.transport?.errno === 'ETIMEDOUT') return false
    if (this.#options.evidence.idleCut()) {
      this.#options.log.info('idle polls are cut on the way; a shorter control-plane.poll-timeout avoids that', {
        after_ms: Math.round(latencyMs),
      })
    }
    return true
  }

  #failed(failure: ServiceFailure): void {
    const {delays, evidence, log, pollTimeout, pollDeadlineGuardrail} = this.#options
    const delay = delays.next({failure: failure.failure, status: failure.status, retryAfter: failure.retryAfter})
    const changed = evidence.failed(failure)
    if (this.#isFirst) {
      this.#isFirst = false
      this.#options.onUnproved('first')
    }
    this.#wait(delay)
    if (!changed && !log.enabled('debug')) return
    const attrs = {
      error: failure.message,
      retry_in_ms: Math.round(delay),
      tunnel_request_id: failure.tunnelRequestId ?? 'missing_request_id',
      failure_class: failure.failure,
      ...(failure.status === null ? {} : {status_code: failure.status}),
      ...(failure.code === null ? {} : {error_code: failure.code}),
      ...(failure.detail === null ? {} : {error_message: failure.detail}),
      ...(failure.mitigation === null ? {} : {mitigation: failure.mitigation}),
      ...this.#options.advise(failure),
    }
    const times = {poll_timeout_ms: pollTimeout, poll_deadline_ms: pollTimeout + pollDeadlineGuardrail}
    const [text, all] = failure.timedOut
      ? ['poll timed out; backing off', {...attrs, ...times}]
      : ['poll failed; backing off', attrs]
    if (changed) log.warn(text, all)
    else log.debug(text, all)
  }

  #wait(ms: number): void {
    const {wheel, clock} = this.#options
    if (this.#phase !== 'polling' || this.#delay !== null) return
    this.#resumesAt = clock.now() + ms
    this.#delay = wheel.at(this.#resumesAt, () => {
      this.#delay = null
      this.#next()
    })
  }
}

const ABORTED: PollOutcome = {kind: 'aborted'}
