// What is known of a client, as its program sees it. Reads, never changes.

import {FAILURES, type FailureClass, failureCode, type TunnelError, whoActs} from '../../../foundation/errors/index.ts'
import type {Daemon} from '../../../tunnel/daemon/index.ts'
import type {TunnelFailure, TunnelPhase, TunnelState} from '../types.ts'

/** What a state is made from. */
export interface StateFacts {
  readonly phase: TunnelPhase
  /** Null before a start and after the end. */
  readonly daemon: Daemon | null
  readonly healthUrl: string | null
  readonly error: TunnelError | null
}

const SAYS: Readonly<Record<TunnelPhase, string>> = {
  idle: 'not started',
  starting: 'starting',
  running: 'running',
  failed: 'failed',
  closing: 'closing',
  closed: 'closed',
}

/** The state of a client. */
export function describe({phase, daemon, healthUrl, error}: StateFacts): TunnelState {
  const {status, body, reasons} = daemon?.readiness() ?? {status: 503, body: error?.message ?? SAYS[phase], reasons: []}
  return {
    phase,
    ready: phase === 'running' && status === 200,
    message: phase === 'running' || daemon === null ? body : SAYS[phase],
    reasons: reasons.map(({subject, state, ok, gates, message}) => ({subject, state, ok, gates, message})),
    failure: daemon === null ? null : failureOf(daemon),
    healthUrl,
    error,
  }
}

function failureOf(daemon: Daemon): TunnelFailure | null {
  const {state, failure, message} = daemon.poll()
  return state === 'failing' && failure !== null ? named(failure, message) : null
}

function named(failure: FailureClass, message: string | null): TunnelFailure {
  const {rung, title} = FAILURES[failure]
  return {class: failure, code: failureCode(failure), rung, who: whoActs(failure, 'service'), message: message ?? title}
}

/** True when waiting does not help: the service knows this key or tunnel and says no. */
export const isRefusal = (failure: TunnelFailure | null): boolean =>
  failure !== null && (failure.rung === 'auth' || failure.rung === 'scope')

/** Two states that look the same to a listener. */
export function looksSame(one: TunnelState, other: TunnelState): boolean {
  return (
    one.phase === other.phase &&
    one.ready === other.ready &&
    one.message === other.message &&
    one.failure?.code === other.failure?.code &&
    one.error === other.error
  )
}
