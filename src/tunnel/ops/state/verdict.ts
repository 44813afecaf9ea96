// One sentence for whoever is woken at night: working or not, what is broken, whose turn it is, what to do. Drawn from the
// same findings as `/readyz`, so the two cannot disagree.

import {FAILURES, type FailureClass, failureCode, failureDocs, whoActs} from '../../../foundation/errors/index.ts'
import type {VerdictDocument} from '../api/index.ts'
import type {Readiness, ReadinessReason} from '../readiness.ts'

/** A verdict before anybody knows since when it holds. */
export type Judgement = Omit<VerdictDocument, 'since'>

/** What the sentence needs besides the findings. */
export interface VerdictWords {
  /** It has been ready before: what is pending now was lost. */
  readonly wasReady: boolean
  /** How people call a subject: `the MCP server of channel main (http://127.0.0.1:3001/mcp)`. */
  name(subject: string): string
  /** One step against a failure; null when nothing is known that helps. */
  next(subject: string, failure: FailureClass | null): string | null
}

/** Judges. */
export function judge({status, reasons}: Readiness, words: VerdictWords): Judgement {
  if (reasons.some((reason) => reason.state === 'stopping')) {
    return calm('stopping', 'Stopping: what was taken is being answered, nothing new is taken.')
  }
  const broken = reasons.filter((reason) => !reason.ok)
  const gating = broken.filter((reason) => reason.gates)
  // What has failed says more than what is merely not known yet.
  const cause = gating.find((reason) => reason.state !== 'pending') ?? gating[0]
  if (status === 503 && cause !== undefined) {
    if (cause.state === 'pending' && !words.wasReady) {
      return {...calm('starting', `Starting: waiting for ${words.name(cause.subject)}.`), subject: cause.subject}
    }
    return trouble('not_ready', 'No call would work now', cause, words)
  }
  const beside =
    broken.find((reason) => reason.state !== 'pending') ??
    reasons.find((reason) => reason.gates && reason.state === 'timeout')
  if (beside !== undefined) return trouble('degraded', 'Calls work, but not everywhere', beside, words)
  return calm('ok', 'A call would work now: the service takes our polls, and the MCP server is there.')
}

function trouble(
  status: 'not_ready' | 'degraded',
  opening: string,
  reason: ReadinessReason,
  words: VerdictWords,
): Judgement {
  const {subject, failure_class: failure, message} = reason
  const what = failure === null ? message : FAILURES[failure].title
  return {
    status,
    ok: status === 'degraded',
    subject,
    failure_class: failure,
    rung: failure === null ? null : FAILURES[failure].rung,
    who: failure === null ? [] : whoActs(failure, subject.startsWith('mcp:') ? 'mcp' : 'service'),
    code: failure === null ? null : failureCode(failure),
    docs: failure === null ? null : failureDocs(failure),
    sentence: `${opening}: ${words.name(subject)}: ${what}.`,
    next: words.next(subject, failure),
  }
}

const calm = (status: 'ok' | 'starting' | 'stopping', sentence: string): Judgement => ({
  status,
  ok: status === 'ok',
  subject: null,
  failure_class: null,
  rung: null,
  who: [],
  code: null,
  docs: null,
  sentence,
  next: null,
})
