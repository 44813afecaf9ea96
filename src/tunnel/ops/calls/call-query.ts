// Reads the query of `/api/calls`.

import {FAILURES} from '../../../foundation/errors/index.ts'
import {CALL_OUTCOMES, type CallOutcomeName} from '../api/calls.ts'
import {type QueryProblem, strangeParameter} from '../routes/query.ts'
import type {CallQuery} from './call-book.ts'

const KNOWN = ['after', 'limit', 'channel', 'outcome', 'failure'] as const
const DEFAULT_LIMIT = 100
const MOST_LIMIT = 500
/** Whatever did not end well, and not because the caller took it back. */
const FAILED: readonly CallOutcomeName[] = ['error', 'refused', 'expired', 'undelivered', 'aborted']

/** The query, or the first thing that is wrong with it. */
export function readCallQuery(query: URLSearchParams): CallQuery | QueryProblem {
  const strange = strangeParameter(query, KNOWN)
  if (strange !== null) return strange
  const after = query.get('after')
  if (after !== null && !isCount(after)) {
    return {parameter: 'after', message: 'after is a whole number: next_after of an earlier answer'}
  }
  const limit = query.get('limit')
  if (limit !== null && !(isCount(limit) && Number(limit) >= 1 && Number(limit) <= MOST_LIMIT)) {
    return {parameter: 'limit', message: `limit is a whole number from 1 to ${MOST_LIMIT}`}
  }
  const outcomes = query.get('outcome')?.split(',') ?? null
  const isKnown = (name: string): boolean => name === 'failed' || (CALL_OUTCOMES as readonly string[]).includes(name)
  if (outcomes !== null && !outcomes.every(isKnown)) {
    return {parameter: 'outcome', message: `outcome is one or more of ${CALL_OUTCOMES.join(', ')}, or failed`}
  }
  const failure = query.get('failure')
  if (failure !== null && !Object.hasOwn(FAILURES, failure)) {
    return {parameter: 'failure', message: 'failure is a failure class of docs/failures.md'}
  }
  const channel = query.get('channel')
  if (channel === '') return {parameter: 'channel', message: 'channel is the name of a channel'}
  return {
    after: after === null ? null : Number(after),
    limit: limit === null ? DEFAULT_LIMIT : Number(limit),
    channel: channel === null ? null : channel.trim().toLowerCase(),
    outcomes: outcomes === null ? null : new Set(outcomes.flatMap(expanded)),
    failure,
  }
}

const isCount = (text: string): boolean => /^\d{1,15}$/.test(text)

const expanded = (name: string): readonly CallOutcomeName[] => (name === 'failed' ? FAILED : [name as CallOutcomeName])
