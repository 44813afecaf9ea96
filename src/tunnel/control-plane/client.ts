// The client of one tunnel: builds requests, hands them to the HTTP door, reads what comes back. It keeps no queue and knows
// nothing of what the commands mean.

import {createTimerWheel, type Instant, type ReplyHandle, type Timer} from '../../foundation/platform/index.ts'
import {type BodyTerms, type ExchangePolicy, type ExchangeResult, exchange} from './exchange.ts'
import {readMetadataResult} from './metadata.ts'
import {pollQuery, tunnelPaths} from './paths.ts'
import {noAnswer, POLL_BODY_LIMIT, readPoll} from './poll.ts'
import {createAcceptance} from './polls/acceptance.ts'
import {createServiceFeatures} from './polls/features.ts'
import {type PollFate, PollReceipts} from './polls/receipts.ts'
import {createRequestHeaders} from './request-headers.ts'
import {acknowledgedBy, judgeAttempt, readAttempt, respondHeaders} from './respond.ts'
import {Stranded, type StrandedAttempt} from './stranded.ts'
import type {
  ControlPlaneClient,
  ControlPlaneOptions,
  MetadataOutcome,
  PollHandle,
  PollOptions,
  PollSink,
  RequestHandle,
  RespondOptions,
  RespondOutcome,
} from './types.ts'

const KIB = 1024
const RECORD_LIMIT = 1024 * KIB
const LONGEST_REQUEST_MS = 600_000
const LEAST_SILENCE_MS = 10_000
/** Of a refusal: its status decides, its body explains. */
const EXPLANATION: BodyTerms = {keep: 64 * KIB, most: 1024 * KIB, within: 1_000, renewed: false}
/** Of an acknowledgement: its status says all; the rest is read so that the connection serves again. */
const NOTHING: BodyTerms = {keep: 0, most: 64 * KIB, within: 1_000, renewed: false}

/** A client of one tunnel over an open destination. */
export function createControlPlaneClient(options: ControlPlaneOptions): ControlPlaneClient {
  const {clock, destination} = options
  const log = options.log.child({component: 'controlplane'})
  const wheel = createTimerWheel({clock})
  const now = (): Instant => clock.now()
  const paths = tunnelPaths(options.urlPath, options.tunnelId)
  const headers = createRequestHeaders(options, log)
  const features = createServiceFeatures()
  const receipts = new PollReceipts()
  const acceptance = createAcceptance(wheel, now)
  const stranded = new Stranded()
  const requestTimeout = Math.min(options.pollTimeout + options.pollDeadlineGuardrail, LONGEST_REQUEST_MS)
  const silence = Math.max(options.pollDeadlineGuardrail, LEAST_SILENCE_MS)
  const commands: BodyTerms = {keep: POLL_BODY_LIMIT, most: POLL_BODY_LIMIT, within: silence, renewed: true}
  const record: BodyTerms = {keep: RECORD_LIMIT, most: RECORD_LIMIT, within: requestTimeout, renewed: false}
  const base = {destination, wheel, now}
  const isGood = (status: number): boolean => status >= 200 && status <= 299
  const forAnswers: ExchangePolicy = {...base, terms: (status) => (isGood(status) ? NOTHING : EXPLANATION)}
  const forMetadata: ExchangePolicy = {...base, terms: (status) => (isGood(status) ? record : EXPLANATION)}
  const forPolls: ExchangePolicy = {...base, terms: (status) => (status === 200 ? commands : EXPLANATION)}

  log.info('TunnelServiceClient created', {
    tunnel_id: options.tunnelId,
    poll_endpoint: endpoint(destination.spec.origin, paths.poll),
    response_endpoint: endpoint(destination.spec.origin, paths.response),
    metadata_endpoint: endpoint(destination.spec.origin, paths.metadata),
    poll_timeout_ms: options.pollTimeout,
    poll_deadline_guardrail_ms: options.pollDeadlineGuardrail,
    poll_deadline_ms: requestTimeout,
  })
  log.info('control-plane route resolved', {
    route_kind: 'control_plane',
    route_name: 'control-plane',
    target_host: destination.spec.origin.host,
    route_mode: 'direct',
    proxy_source: 'none',
  })

  const poll = ({limit, timeoutMs = options.pollTimeout, urgent = false}: PollOptions, sink: PollSink): PollHandle => {
    let accepted = false
    // A request that is repeated on a new connection, and refused there, was sent all the same.
    let wasSent = false
    const outstanding = {
      accept: () => {
        if (accepted) return
        accepted = true
        acceptance.ended(outstanding)
        stranded.rescue()
        sink.onAccepted()
      },
    }
    const path = paths.poll + pollQuery({limit, timeoutMs, channels: options.pollChannels, urgent})
    const receipt = features.has('poll_receipts') ? receipts.begin() : null
    const end = (fate: PollFate): void => {
      if (receipt !== null) receipts.end(receipt, fate)
    }
    const handle = exchange(
      {
        policy: forPolls,
        request: {method: 'GET', path, headers: headers(features.pollHeaders(receipt?.header)), idempotent: true},
        headBy: now() + Math.min(timeoutMs + options.pollDeadlineGuardrail, LONGEST_REQUEST_MS),
        follower: {
          onSent: () => {
            wasSent = true
            acceptance.sent(outstanding)
            sink.onSent()
          },
          onInterim: (status) => {
            if (status === 102) outstanding.accept()
          },
          onHead: () => {
            acceptance.ended(outstanding)
            stranded.rescue()
            sink.onHead()
          },
        },
      },
      (result) => {
        acceptance.ended(outstanding)
        if ('reply' in result) {
          const outcome = readPoll(result.reply, clock.wall())
          const isOurs = features.heard(result.reply.headers, outcome.kind === 'answered')
          end(isOurs && outcome.kind === 'answered' && outcome.cut === null ? 'read' : 'lost')
          if (outcome.kind !== 'answered' || receipt === null || !receipts.isLost(receipt))
            return sink.onOutcome(outcome)
          return sink.onOutcome({...outcome, comesAgain: true})
        }
        const {failure, timedOut, aborted} = result
        end(failure.unsent && !wasSent ? 'unsent' : 'lost')
        if (aborted) return sink.onOutcome({kind: 'aborted'})
        sink.onOutcome({
          kind: 'failed',
          failure: noAnswer(failure.failure, `poll: ${failure.message}`, failure, timedOut),
        })
      },
    )
    return {abort: () => handle.abort(), hangUp: () => handle.hangUp(), disown: () => end('lost')}
  }

  const respond = (respondOptions: RespondOptions, done: (outcome: RespondOutcome) => void): RequestHandle => {
    const delivery = new Delivery(respondOptions, done)
    delivery.attempt()
    return delivery
  }

  /** One answer on its way, over all its attempts. */
  class Delivery implements RequestHandle, StrandedAttempt {
    readonly #options: RespondOptions
    readonly #done: (outcome: RespondOutcome) => void
    #attempts = 0
    #current: ReplyHandle | null = null
    #wait: Timer | null = null
    #settled = false
    readonly #startedAt = now()
    #silentUntil: Instant | null = null
    /** It was sent ahead of its time: once is enough where only some requests get through. */
    #rescued = false

    constructor(respondOptions: RespondOptions, done: (outcome: RespondOutcome) => void) {
      this.#options = respondOptions
      this.#done = done
    }

    abort(): void {
      if (this.#settled) return
      this.#settle({kind: 'aborted', attempts: this.#attempts})
      if (this.#wait) wheel.clear(this.#wait)
      this.#current?.abort()
    }

    goNow(): void {
      if (this.#wait === null) return
      this.#rescued = true
      wheel.clear(this.#wait)
      this.#wait = wheel.at(now(), () => this.attempt())
    }

    attempt(): void {
      this.#wait = null
      stranded.delete(this)
      this.#attempts += 1
      const startedAt = now()
      const {type, body, deadline} = this.#options
      this.#current = exchange(
        {
          policy: forAnswers,
          request: {
            method: 'POST',
            path: paths.response,
            headers: headers(respondHeaders(this.#options)),
            body,
            idempotent: true,
          },
          headBy: acknowledgedBy({type, body, now: startedAt, deadline, requestTimeout}),
        },
        (result) => {
          if ('reply' in result) {
            acceptance.witness(startedAt, result.reply.status)
            stranded.rescue()
          } else if (result.timedOut && !result.failure.unsent) this.#silentUntil = now()
          this.#judge(result)
        },
      )
    }

    #judge(result: ExchangeResult): void {
      if (this.#settled) return
      const verdict = judgeAttempt({
        type: this.#options.type,
        startedAt: this.#startedAt,
        attempts: this.#attempts,
        result: readAttempt(result, clock.wall()),
        now: now(),
        deadline: this.#options.deadline,
      })
      if ('outcome' in verdict) {
        const {outcome} = verdict
        const silent = this.#silentUntil !== null && outcome.kind === 'delivered'
        this.#settle(silent ? {...outcome, silentUntil: this.#silentUntil!} : outcome)
      } else {
        this.#wait = wheel.at(now() + verdict.retryIn, () => this.attempt())
        if (!('reply' in result) && !this.#rescued) stranded.add(this)
      }
    }

    #settle(outcome: RespondOutcome): void {
      this.#settled = true
      stranded.delete(this)
      // Of a notification it only says that its caller has hung up, which the relay acts on.
      const strange = outcome.kind === 'delivered' && outcome.unknown && this.#options.type !== 'jsonrpc_notify'
      if (outcome.kind === 'delivered' && (strange || log.enabled('debug'))) {
        const {requestId, type} = this.#options
        const attrs = {request_id: requestId, resp_type: type, status_code: outcome.status}
        if (strange) log.warn('response already fulfilled or unknown request', attrs)
        else log.debug('posted response to control-plane', attrs)
      }
      this.#done(outcome)
    }
  }

  const metadata = (): Promise<MetadataOutcome> =>
    new Promise((resolve) => {
      const startedAt = now()
      const request = {method: 'GET', path: paths.metadata, headers: headers(), idempotent: true}
      exchange({policy: forMetadata, request, headBy: startedAt + requestTimeout}, (result) => {
        if ('reply' in result) acceptance.witness(startedAt, result.reply.status)
        resolve(readMetadataResult(result, now() - startedAt, clock.wall()))
      })
    })

  return {
    tunnelId: options.tunnelId,
    offers: (feature) => features.has(feature),
    owesNews: () => receipts.isUntold && features.has('poll_receipts'),
    metadata,
    poll,
    respond,
  }
}

function endpoint(origin: URL, path: string): string {
  return `${origin.protocol}//${origin.host}${path}`
}
