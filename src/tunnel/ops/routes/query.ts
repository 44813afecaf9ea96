// Queries of the operator API. What is not understood is refused by name: a parameter that is silently left out lies.

import type {HttpExchange} from '../../../foundation/platform/index.ts'
import type {ApiErrorDocument} from '../api/error.ts'
import {sendJson} from './answer.ts'

/** What is wrong with a query. */
export interface QueryProblem {
  readonly parameter: string
  readonly message: string
}

const MOST_NAME = 64

/** The first parameter that is not among `known`, or was given more than once; null when all is well. */
export function strangeParameter(query: URLSearchParams, known: readonly string[]): QueryProblem | null {
  for (const name of new Set(query.keys())) {
    const parameter = name.slice(0, MOST_NAME)
    if (!known.includes(name)) {
      const message =
        known.length === 0 ? 'no parameter is taken here' : `unknown parameter; known are ${known.join(', ')}`
      return {parameter, message}
    }
    if (query.getAll(name).length > 1) return {parameter, message: 'given more than once'}
  }
  return null
}

/** Answers 400 with what is wrong. */
export function refuseQuery(exchange: HttpExchange, problem: QueryProblem): void {
  const document: ApiErrorDocument = {schema_version: 1, error: {code: 'bad_query', ...problem}}
  sendJson(exchange, document, 400)
}
