import {expect, test} from 'vitest'
import {parseResponseTimeout} from '../../../../src/foundation/wire/index.ts'

test.each([
  ['0s', 0],
  ['1s', 1000],
  ['4500ms', 4500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1500us', 1.5],
  ['2000000ns', 2],
  ['0030s', 30_000],
  ['9223372036854775807ns', 9223372036854.775],
])('%s is %d ms', (text, ms) => {
  expect(parseResponseTimeout(text)).toBeCloseTo(ms, 2)
})

test.each([
  '4.5s',
  '1m30s',
  '-1s',
  '+1s',
  ' 1s',
  '1s ',
  '1e3s',
  '1d',
  '1S',
  '1µs',
  '',
  's',
  '1',
  '1s\n',
  '9223372036854775808ns',
  '9223372037s',
  '2562048h',
  '99999999999999999999999999s',
])('%j sets no deadline', (text) => {
  expect(parseResponseTimeout(text)).toBeNull()
})

test('the largest whole hours that fit int64 nanoseconds are a deadline', () => {
  expect(parseResponseTimeout('2562047h')).toBe(2562047 * 3_600_000)
})
