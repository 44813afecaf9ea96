// The page of an error code or a failure class: `tunnel-client help TC-TLS-EXPIRED`. Messages point here, because an
// installed program has no docs folder that a user could find, and often no network.

import {
  ERRORS,
  type ErrorCode,
  Exit,
  FAILURES,
  type FailureClass,
  failureCode,
  failureNext,
  isOfBothEnds,
  TunnelError,
  type Who,
  whoActs,
} from '../../../foundation/errors/index.ts'
import {type Block, nearest, text} from '../../../foundation/platform/index.ts'

const WHO: Readonly<Record<Who, string>> = {
  you: 'you',
  it: 'your network team',
  service: 'the operator of the tunnel service',
  mcp_vendor: 'the vendor or operator of the MCP server',
}

/** True for what looks like a code (`TC-…`, in any case) or is the name of a failure class. */
export const isCode = (word: string): boolean => /^tc-[a-z0-9-]+$/i.test(word) || Object.hasOwn(FAILURES, word)

/** Finds the page. @throws TunnelError `TC-CLI-USAGE` for a code that does not exist. */
export function codePage(word: string): {readonly code: string; readonly blocks: Block[]} {
  const classes = Object.keys(FAILURES) as FailureClass[]
  const code = Object.hasOwn(FAILURES, word) ? failureCode(word as FailureClass) : word.toUpperCase()
  const failures = classes.filter((name) => failureCode(name) === code)
  const pages = [
    ...(Object.hasOwn(ERRORS, code) ? [errorLines(code as ErrorCode)] : []),
    ...failures.map((failure) => failureLines(failure)),
  ]
  if (pages.length > 0) return {code, blocks: pages.map((lines) => text(lines))}
  const near = nearest(code, [...Object.keys(ERRORS), ...classes.map(failureCode)])
  throw new TunnelError('TC-CLI-USAGE', `unknown error code ${JSON.stringify(code)}`, {
    next: [near === null ? 'Copy the code from the end of the message' : `Did you mean tunnel-client help ${near}?`],
  })
}

function errorLines(code: ErrorCode): string[] {
  const {title, exit, next} = ERRORS[code]
  return [
    code,
    `  ${title}.`,
    `  Exit status: ${Exit[exit]} (${exit})`,
    ...(next.length === 0 ? [] : ['  What to do:', ...next.map((step) => `    ${step}`)]),
  ]
}

function failureLines(failure: FailureClass): string[] {
  const ends = isOfBothEnds(failure) ? (['service', 'mcp'] as const) : (['service'] as const)
  const advice = ends.map((end) => ({
    end: end === 'service' ? 'With the tunnel service' : 'With an MCP server',
    who: whoActs(failure, end).map((who) => WHO[who]),
    next: failureNext(failure, end),
  }))
  const [first, second] = advice
  const same = second === undefined || (first!.next === second.next && String(first!.who) === String(second.who))
  const shown = (same ? [{...first!, end: ''}] : advice).flatMap(({end, who, next}) => [
    ...(end === '' ? [] : [`  ${end}:`]),
    `  Who can act: ${who.join(', or ') || 'no one has to'}`,
    `  What to do: ${next}`,
  ])
  return [
    failureCode(failure),
    `  ${FAILURES[failure].title}.`,
    `  Failure class: ${failure} (rung ${FAILURES[failure].rung})`,
    ...shown,
  ]
}
