// The failure taxonomy is one: every class has a rung, somebody who can act, one code, one entry in the documentation and a
// next step.

import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {
  FAILURES,
  type FailureClass,
  failureCode,
  failureDocs,
  failureNext,
  RUNGS,
} from '../../src/foundation/errors/index.ts'
import {ROOT} from './sources.ts'

const CLASSES = Object.keys(FAILURES) as FailureClass[]
const WHO = ['you', 'it', 'service', 'mcp_vendor']

it.each(CLASSES)('%s says where, who and what next', (failure) => {
  const {rung, who, title} = FAILURES[failure]
  expect(RUNGS).toContain(rung)
  expect(who.length).toBeGreaterThan(0)
  for (const one of who) expect(WHO).toContain(one)
  expect(title).toMatch(/^[a-z].*[^.]$/i)
  expect(failureNext(failure)).toMatch(/^[a-z].*[^.]$/i)
  expect(failure).toMatch(/^[a-z][a-z_]*$/)
})

it('codes are unique and begin with their rung', () => {
  const codes = CLASSES.map(failureCode)
  expect(new Set(codes).size).toBe(CLASSES.length)
  for (const failure of CLASSES) {
    expect(failureCode(failure)).toMatch(new RegExp(`^TC-${FAILURES[failure].rung}-[A-Z-]+$`, 'i'))
  }
})

it('every anchor leads to an entry that names the class and its title', () => {
  for (const failure of CLASSES) {
    const [path, anchor] = failureDocs(failure).split('#') as [string, string]
    const entries = readFileSync(join(ROOT, path), 'utf8').split(/^### /m)
    const entry = entries.find((text) => text.split('\n')[0]?.toLowerCase() === anchor)
    expect(entry, failure).toContain(`\`${failure}\`: ${FAILURES[failure].title}.`)
    expect(entry, failure).toContain(failureNext(failure))
  }
})
