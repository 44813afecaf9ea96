import fc from 'fast-check'
import {expect, it} from 'vitest'
import {goJson, printable, printableJson, printableLines} from '../../../../src/foundation/platform/index.ts'

const REMOTE = fc.string({unit: 'binary', maxLength: 40})
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/u

it.each([
  ['escape sequences', 'a\u001b[2J\u001b]52;c;aGk=\u0007b', 'a\\x1b[2J\\x1b]52;c;aGk=\\x07b'],
  ['C1 sequences and DEL', 'a\u009b2J\u007f', 'a\\u009b2J\\x7f'],
  ['line breaks and tabs', 'pass\r\n\tRESULT pass\u2028x', 'pass RESULT pass x'],
  ['bidi controls', 'a\u202eb\u2066c\u061cd\u200fe', 'a\\u202eb\\u2066c\\u061cd\\u200fe'],
  ['invisible characters', 'a\u200bb\ufeffc\u00add\u{e0041}', 'a\\u200bb\\ufeffc\\u00add\\U000e0041'],
  ['unpaired surrogates', 'a\ud800b', 'a\\ud800b'],
])('shows %s', (_, given, shown) => {
  expect(printable(given)).toBe(shown)
})

it.each(['plain, with  two blanks', 'Grüße 東京 \u00a0', '👩‍👩‍👧 ❤️ 1️⃣', 'می‌خواهم', 'क्‍ष'])('keeps %s', (text) => {
  expect(printable(text)).toBe(text)
})

it('drops colors, because programs put them into their error texts', () => {
  expect(printable('\u001b[1;31mError\u001b[0m: no such file')).toBe('Error: no such file')
})

it('leaves nothing that steers a terminal, whatever the text', () => {
  fc.assert(
    fc.property(REMOTE, (text) => {
      expect(printable(text)).not.toMatch(UNSAFE)
      expect(printableLines(text).replaceAll(/[\n\t]/g, '')).not.toMatch(UNSAFE)
    }),
  )
})

it('takes time in proportion to the length', () => {
  const time = (size: number): number => {
    const texts = ['\u001b[', ' \n', '\u200d', '\u001b[0;', '👩‍'].map((pump) => pump.repeat(size))
    const started = performance.now()
    for (const text of texts) printable(text)
    return performance.now() - started
  }
  time(4000)
  expect(time(64_000)).toBeLessThan(5000)
})

it('writes JSON that says the same and steers nothing', () => {
  fc.assert(
    fc.property(fc.record({name: REMOTE}), (value) => {
      for (const json of [printableJson(value), printableJson(value, 2), goJson(value)]) {
        expect(JSON.parse(json)).toEqual(value)
        expect(json.replaceAll('\n', '')).not.toMatch(UNSAFE)
      }
    }),
  )
  expect(printableJson({name: 'a\u009b\u007f\u202e\u{e0041}'})).toBe('{"name":"a\\u009b\\u007f\\u202e\\udb40\\udc41"}')
})
