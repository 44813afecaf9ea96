// What the configuration got wrong, told by the check whose subject it is.

import {type Finding, fail} from '../check.ts'
import type {ConfigProblem} from '../sources/config-problem.ts'

/** All problems of one check as one finding; null when there is none. `more` is advice beyond that of the problems. */
export function configFailure(
  problems: readonly ConfigProblem[],
  {id, more = []}: {id: string; more?: readonly string[]},
): Finding | null {
  const own = problems.filter(({checkId}) => checkId === id).map(({error}) => error)
  const [first] = own
  if (first === undefined) return null
  const evidence = own.map(({message, origin}) =>
    origin === undefined || message.includes(origin) ? message : `${message} (${origin})`,
  )
  return fail(first.message, {
    code: first.code,
    evidence,
    next: [...new Set([...own.flatMap(({next}) => next), ...more])],
    who: ['you'],
  })
}
