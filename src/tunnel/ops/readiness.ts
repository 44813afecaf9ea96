// Ready is a claim with evidence: a pure judgement on what is known right now. The bodies of the reference's states are
// matched by scripts, so they are exact; states it does not have come with bodies of their own.

import {FAILURES, type FailureClass} from '../../foundation/errors/index.ts'
import type {Instant} from '../../foundation/platform/index.ts'
import type {ChannelFacts, ReadinessFacts} from './ports.ts'

/** A server that only timed out keeps its 200 until it has failed this often, and at the start this long. */
const TIMEOUT_FAILURES = 3
const TIMEOUT_GRACE_MS = 30_000

/** One finding. Findings with `gates` and not `ok` are why `/readyz` answers 503. */
export interface ReadinessReason {
  /** `daemon`, `oauth`, `control_plane`, or `mcp:<channel>`. */
  readonly subject: string
  readonly state: string
  readonly ok: boolean
  readonly gates: boolean
  readonly message: string
  /** Why it is not ok, where that has a class. */
  readonly failure_class: FailureClass | null
}

/** The verdict. */
export interface Readiness {
  readonly status: 200 | 503
  /** The text of `/readyz`. */
  readonly body: string
  readonly reasons: readonly ReadinessReason[]
}

/** Judges. The first gating reason that is not ok, in the reference's order, names the body. */
export function judgeReadiness(facts: ReadinessFacts): Readiness {
  const reasons = [
    ...(facts.stopping ? [broken('daemon', 'stopping', 'draining')] : []),
    oauthReason(facts),
    ...facts.channels.map((channel) => channelReason(channel, facts.now)),
    pollReason(facts),
    ...(facts.foreignTunnelId === null ? [] : [identityReason(facts.foreignTunnelId)]),
  ]
  const verdict = reasons.find((reason) => reason.gates && !reason.ok)
  if (verdict) return {status: 503, body: verdict.message, reasons}
  const caveat = reasons.find((reason) => reason.gates && reason.message.startsWith('ready ('))
  return {status: 200, body: caveat?.message ?? 'ready', reasons}
}

/** Parts of a message after which the text of an error follows. */
const DETAIL_AFTER =
  /^(oauth discovery failed|mcp startup wait failed|mcp probe failed|ready \(mcp [a-z ]+|control plane identity mismatch): /

/** The same verdict for other machines: texts of errors, which name hosts and paths, give way to the failure class. */
export function withoutDetails({status, body, reasons}: Readiness): Readiness {
  const source = reasons.find(({message}) => message === body)
  return {
    status,
    body: terse(body, source?.failure_class ?? null),
    reasons: reasons.map((reason) => ({...reason, message: terse(reason.message, reason.failure_class)})),
  }
}

function terse(message: string, failure: FailureClass | null): string {
  const [, state] = DETAIL_AFTER.exec(message) ?? []
  if (state === undefined) return message
  const close = state.startsWith('ready (') ? ')' : ''
  return failure === null ? `${state}${close}` : `${state}: ${FAILURES[failure].title}${close}`
}

const broken = (
  subject: string,
  state: string,
  message: string,
  failure: FailureClass | null = null,
): ReadinessReason => ({subject, state, ok: false, gates: true, message, failure_class: failure})

const fine = (subject: string, message: string): ReadinessReason => ({
  subject,
  state: 'ok',
  ok: true,
  gates: true,
  message,
  failure_class: null,
})

function oauthReason({oauth}: ReadinessFacts): ReadinessReason {
  if (oauth.state === 'pending') return broken('oauth', 'pending', 'oauth discovery pending')
  if (oauth.state === 'failed') return broken('oauth', 'failed', `oauth discovery failed: ${oauth.message}`)
  return fine('oauth', 'oauth discovery settled')
}

function channelReason({name, gates, proof}: ChannelFacts, now: Instant): ReadinessReason {
  const subject = `mcp:${name}`
  const failure = 'failure' in proof ? proof.failure : proof.state === 'auth_required' ? 'mcp_auth' : null
  const say = (ok: boolean, message: string): ReadinessReason => ({
    subject,
    state: proof.state,
    ok,
    gates,
    message,
    failure_class: failure,
  })
  switch (proof.state) {
    case 'pending':
      return say(false, 'mcp startup probe pending')
    case 'ok':
      return say(true, 'ready')
    case 'auth_required':
      return say(true, `ready (mcp initialize requires auth: ${proof.message})`)
    case 'timeout':
      if (proof.startup && (proof.failures < TIMEOUT_FAILURES || now - proof.since < TIMEOUT_GRACE_MS)) {
        return say(true, `ready (mcp startup probe timed out: ${proof.message})`)
      }
      return proof.failures < TIMEOUT_FAILURES
        ? say(true, `ready (mcp server is slow: ${proof.message})`)
        : say(false, `mcp probe failed: ${proof.message}`)
    case 'failed':
      return say(false, `${proof.waitExhausted ? 'mcp startup wait failed' : 'mcp probe failed'}: ${proof.message}`)
  }
}

function pollReason({poll}: ReadinessFacts): ReadinessReason {
  if (poll.state === 'accepted') return fine('control_plane', 'poll accepted')
  // No sign of the service for longer than a poll may take: it holds our poll and is not there.
  if (poll.state === 'stale') {
    return broken('control_plane', 'stale', 'control plane poll pending', 'timeout_http')
  }
  if (poll.state === 'pending') return broken('control_plane', 'pending', 'control plane poll pending')
  const failure = poll.failure ?? 'internal'
  return broken('control_plane', 'failing', `control plane poll failing: ${failure}`, failure)
}

const identityReason = (foreign: string): ReadinessReason =>
  broken(
    'control_plane',
    'identity',
    `control plane identity mismatch: the service answered for ${foreign}`,
    'identity',
  )
