// What the service's reaction to an answer nobody asked for proves about the scope Use.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import type {RespondOutcome} from '../../../tunnel/control-plane/index.ts'

/** `odd`: the service took it, which it should not. */
export interface UseVerdict {
  readonly use: 'granted' | 'denied' | 'unknown' | 'odd'
  /** Concluded, not told. */
  readonly inferred: boolean
  readonly failure: FailureClass
  readonly message: string
  readonly advice: string | null
}

const DENIED = new Set(['tunnel_use_forbidden', 'tunnel_missing_principals'])

/** The service looks for the request only after it has accepted the key for the tunnel. */
export function judgeUse(outcome: RespondOutcome): UseVerdict {
  const granted = {use: 'granted', inferred: true, failure: 'internal', advice: null} as const
  if (outcome.kind === 'delivered') {
    if (outcome.unknown) return {...granted, message: 'the service takes answers from this key'}
    return {...granted, use: 'odd', message: 'the service took an answer to a request that does not exist'}
  }
  if (outcome.kind === 'aborted') {
    return {use: 'unknown', inferred: false, failure: 'canceled', message: 'interrupted', advice: null}
  }
  const {failure, status, code, detail, message, mitigation} = outcome.failure
  if (code === 'tunnel_request_mismatch') return {...granted, message: 'the service takes answers from this key'}
  const said =
    status === null
      ? message
      : [`HTTP ${status}`, code, detail === null ? null : `(${detail})`].filter((part) => part !== null).join(' ')
  if (code !== null && DENIED.has(code)) {
    const own = code === 'tunnel_use_forbidden' ? 'use_forbidden' : 'key_principal'
    return {use: 'denied', inferred: false, failure: own, message: said, advice: mitigation}
  }
  return {use: 'unknown', inferred: false, failure, message: said, advice: mitigation}
}
