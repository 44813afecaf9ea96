import fc from 'fast-check'
import {describe, expect, onTestFinished, test} from 'vitest'
import {backoffDelay, parseRetryAfter} from '../../../src/tunnel/control-plane/index.ts'

describe('waiting', () => {
  test('the first delay is below 200 ms, none is above 10 s, and all of the range is used', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 2000}), fc.double({min: 0, max: 0.999, noNaN: true}), (failures, random) => {
        const delay = backoffDelay(failures, () => random)
        const ceiling = Math.min(10_000, 200 * 2 ** (failures - 1))
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(ceiling)
        expect(delay).toBeCloseTo(random * ceiling, 3)
      }),
    )
  })

  const now = Date.UTC(2026, 0, 1, 0, 0, 0)
  test.each([
    ['0', 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['61', 60_000],
    ['99999999999999999999', 60_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Thu, 01 Jan 2026 01:00:00 GMT', 60_000],
  ])('Retry-After %j is %d ms', (text, ms) => {
    expect(parseRetryAfter(text, now)).toBe(ms)
  })

  test.each([null, '', '-1', '+1', '1.5', 'soon', 'Wed, 31 Dec 2025 23:59:59 GMT'])(
    'Retry-After %j says nothing',
    (text) => {
      expect(parseRetryAfter(text, now)).toBeNull()
    },
  )

  test.each(['UTC', 'America/New_York', 'Asia/Tokyo'])('every form of an HTTP date means GMT, also in %s', (zone) => {
    const before = process.env.TZ
    onTestFinished(() => {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    })
    process.env.TZ = zone
    for (const text of [
      'Thu, 01 Jan 2026 00:00:10 GMT',
      'Thursday, 01-Jan-26 00:00:10 GMT',
      'Thu Jan  1 00:00:10 2026',
    ]) {
      expect(parseRetryAfter(text, now), text).toBe(10_000)
    }
  })
})
