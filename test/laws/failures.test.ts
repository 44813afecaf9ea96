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
  isOfBothEnds,
  RUNGS,
  whoActs,
} from '../../src/foundation/errors/index.ts'
import {ROOT} from './sources.ts'

const CLASSES = Object.keys(FAILURES) as FailureClass[]
const WHO = ['you', 'it', 'service', 'mcp_vendor']
const ENDS = ['service', 'mcp'] as const

it.each(CLASSES)('%s says where, who and what next', (failure) => {
  const {rung, title} = FAILURES[failure]
  expect(RUNGS).toContain(rung)
  expect(title).toMatch(/^[a-z].*[^.]$/i)
  expect(failure).toMatch(/^[a-z][a-z_]*$/)
  for (const end of ENDS) {
    for (const one of whoActs(failure, end)) expect(WHO).toContain(one)
    expect(failureNext(failure, end)).toMatch(/^[a-z].*[^.]$/i)
  }
})

it.each(ENDS)('who can act fits the next step, at the end of: %s', (end) => {
  for (const failure of CLASSES) {
    const who = whoActs(failure, end)
    const next = failureNext(failure, end)
    const name = `${failure}: ${who}: ${next}`
    if (who.length === 0) expect(next, name).toMatch(/^nothing/)
    else expect(next, name).not.toMatch(/^nothing/)
    if (/(log of|whoever makes) the MCP server|tool answer/.test(next)) expect(who, name).toContain('mcp_vendor')
    if (/whoever runs/.test(next)) expect(who, name).toContain('service')
    if (/^(raise|give|correct|write|use|name|start|end|put|sign)\b|, or (raise|give|correct|write)\b/.test(next)) {
      expect(who, name).toContain('you')
    }
    if (/^have .*\b(opened|through|looked)/.test(next)) expect(who, name).toEqual(['it'])
  }
})

it('what breaks at both ends is never put on the other one', () => {
  for (const failure of CLASSES.filter(isOfBothEnds)) {
    expect(whoActs(failure, 'service'), failure).not.toContain('mcp_vendor')
    expect(failureNext(failure, 'service'), failure).not.toMatch(/MCP server/)
    expect(whoActs(failure, 'mcp'), failure).not.toContain('service')
    expect(failureNext(failure, 'mcp'), failure).not.toMatch(/service/)
  }
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
    for (const end of ENDS) expect(entry, failure).toContain(failureNext(failure, end))
  }
})
