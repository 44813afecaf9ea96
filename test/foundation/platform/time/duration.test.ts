import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {formatDuration, parseDuration} from '../../../../src/foundation/platform/time/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['+0', 0],
    ['-0', 0],
    ['0s', 0],
    ['5s', 5_000],
    ['30s', 30_000],
    ['1478s', 1_478_000],
    ['-5s', -5_000],
    ['+5s', 5_000],
    ['5.0s', 5_000],
    ['5.6s', 5_600],
    ['5.s', 5_000],
    ['.5s', 500],
    ['1.004s', 1_004],
    ['100.00100s', 100_001],
    ['10ns', 0.00001],
    ['11us', 0.011],
    ['12µs', 0.012],
    ['12μs', 0.012],
    ['13ms', 13],
    ['16h', 57_600_000],
    ['3h30m', 12_600_000],
    ['10.5s4m', 250_500],
    ['-2m3.4s', -123_400],
    ['1h2m3s4ms5us6ns', 3_723_004.005006],
    ['39h9m14.425s', 140_954_425],
    ['0.3333333333333333333h', 1_200_000 - 0.000001],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ok: true, ms})
  })

  it.each([
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['30', 'time: missing unit in duration "30"'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['.', 'time: invalid duration "."'],
    ['-.', 'time: invalid duration "-."'],
    ['.s', 'time: invalid duration ".s"'],
    ['+.s', 'time: invalid duration "+.s"'],
    [' 5s', 'time: invalid duration " 5s"'],
    ['5 s', 'time: unknown unit " s" in duration "5 s"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['5constructor', 'time: unknown unit "constructor" in duration "5constructor"'],
    ['1S', 'time: unknown unit "S" in duration "1S"'],
    ['\u0085\u0085', 'time: invalid duration "\\xc2\\x85\\xc2\\x85"'],
    ['3"x', 'time: unknown unit "\\"x" in duration "3\\"x"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['1e3s', 'time: unknown unit "e" in duration "1e3s"'],
  ])('refuses %j with the words of Go', (text, problem) => {
    expect(parseDuration(text)).toEqual({ok: false, problem})
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.000001, '1ns'],
    [0.0011, '1.1µs'],
    [2.2, '2.2ms'],
    [500, '500ms'],
    [999.999, '999.999ms'],
    [1_000, '1s'],
    [3_300, '3.3s'],
    [30_000, '30s'],
    [60_000, '1m0s'],
    [90_000, '1m30s'],
    [600_000, '10m0s'],
    [245_001, '4m5.001s'],
    [3_600_000, '1h0m0s'],
    [18_367_001, '5h6m7.001s'],
    [-90_000, '-1m30s'],
  ])('prints %d', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('prints what it reads, for every whole number of microseconds', () => {
    fc.assert(
      fc.property(fc.integer({min: -(2 ** 40), max: 2 ** 40}), (us) => {
        const ms = us / 1000
        expect(parseDuration(formatDuration(ms))).toEqual({ok: true, ms: ms === 0 ? 0 : expect.closeTo(ms, 6)})
      }),
    )
  })
})
