import {expect, test} from 'vitest'
import {encodeServerInfo} from '../../../src/foundation/wire/index.ts'

test('the declaration is compact and leaves the usual case out', () => {
  const channels = [
    {name: 'main', processAffinity: false},
    {name: 'tools', processAffinity: true},
  ]
  expect(encodeServerInfo(channels)).toBe(
    '{"version":1,"channels":[{"name":"main"},{"name":"tools","proc_affinity":true}]}',
  )
})

test.each([
  ['none', []],
  ['33 of them', Array.from({length: 33}, (_, i) => ({name: `c${i}`, processAffinity: false}))],
  [
    'the same twice',
    [
      {name: 'a', processAffinity: false},
      {name: 'a', processAffinity: true},
    ],
  ],
  ['one that is not canonical', [{name: 'Main', processAffinity: false}]],
])('refuses %s', (_, channels) => {
  expect(() => encodeServerInfo(channels)).toThrow(RangeError)
})
