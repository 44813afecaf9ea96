import {expect, it} from 'vitest'
import {TunnelError} from '../../../../src/foundation/errors/index.ts'
import {goJson} from '../../../../src/foundation/platform/index.ts'
import {jsonDocument} from '../../../../src/toolkit/cli/output/json-document.ts'
import {errorEnvelope, errorLines} from '../../../../src/toolkit/cli/output/report-error.ts'

const problem = new TunnelError('TC-CONFIG-INVALID', 'poll timeout is 3x', {
  origin: 'env CONTROL_PLANE_POLL_TIMEOUT',
  next: ['Write a duration such as 30s'],
})

it('says in one line what happened, where the value came from and what to do', () => {
  expect(errorLines(problem)).toEqual([
    'poll timeout is 3x (env CONTROL_PLANE_POLL_TIMEOUT). Next: Write a duration such as 30s (TC-CONFIG-INVALID)',
  ])
  expect(errorLines(new TunnelError('TC-CLI-INTERRUPTED', 'stopped.'))).toEqual(['stopped (TC-CLI-INTERRUPTED)'])
})

it('lists problems that were found together, one per line', () => {
  const both = new TunnelError('TC-CONFIG-INVALID', 'two problems', {problems: [problem, problem]})
  expect(errorLines(both)).toHaveLength(2)
  expect(errorEnvelope(both).error.problems).toHaveLength(2)
})

it('keeps a message with line breaks on one line', () => {
  expect(errorLines(new TunnelError('TC-CLI-USAGE', 'a\n  b'))[0]).toMatch(/^a b\. Next: /)
})

it('has one envelope', () => {
  expect(errorEnvelope(problem)).toEqual({
    schema_version: 1,
    error: {
      code: 'TC-CONFIG-INVALID',
      message: 'poll timeout is 3x',
      next: ['Write a duration such as 30s'],
      origin: 'env CONTROL_PLANE_POLL_TIMEOUT',
    },
  })
})

it('prints JSON as Go does', () => {
  expect(goJson({a: '<&>\u2028'})).toBe('{\n  "a": "\\u003c\\u0026\\u003e\\u2028"\n}\n')
  expect(jsonDocument([1])).toBe('[\n  1\n]\n')
  expect(jsonDocument({a: 1})).toBe('{\n  "schema_version": 1,\n  "a": 1\n}\n')
})
