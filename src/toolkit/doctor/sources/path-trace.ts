// The connector's own trace as the lower rungs of a ladder see it.

import {FAILURES, type FailureClass} from '../../../foundation/errors/index.ts'
import type {TraceStep} from '../../../foundation/platform/index.ts'
import type {Hop, LadderRung} from '../check.ts'

/** How far the way to a destination leads. */
export interface PathTrace {
  readonly hop: Hop
  readonly steps: readonly TraceStep[]
  /** Where and why it broke; null when a reply came. */
  readonly broken: Broken | null
}

/** The lowest rung that failed. */
export interface Broken {
  readonly rung: LadderRung
  readonly failure: FailureClass
  readonly message: string
}

const BELOW_HTTP: readonly string[] = ['route', 'resolve', 'connect', 'proxy', 'tls']

/** Where a failure belongs: where the trace says so, else to the rung of its class, else to HTTP. */
export function brokenAt(seen: {
  readonly trace: readonly TraceStep[]
  readonly failure: FailureClass
  readonly message: string
}): Broken {
  const {trace, failure, message} = seen
  const step = trace.findLast(({ok}) => !ok)
  if (step !== undefined) return {rung: step.rung, failure: step.failure ?? failure, message}
  const {rung} = FAILURES[failure]
  if (failure === 'timeout_connect') return {rung: 'connect', failure, message}
  return {rung: BELOW_HTTP.includes(rung) ? (rung as LadderRung) : 'http', failure, message}
}

/** Whom our packets meet first. */
export function hopOf({origin, unixSocket}: {origin: URL; unixSocket?: string | null | undefined}): Hop {
  if (unixSocket) return {kind: 'unix', address: unixSocket, rule: 'unix socket'}
  const port = origin.port || (origin.protocol === 'https:' ? '443' : '80')
  return {kind: 'direct', address: `${origin.hostname}:${port}`, rule: 'no proxy is configured for it'}
}
