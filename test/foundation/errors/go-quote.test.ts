import {expect, test} from 'vitest'
import {goQuote} from '../../../src/foundation/errors/go-quote.ts'

test.each([
  ['', '""'],
  ['grün🟢 =', '"grün🟢 ="'],
  ['say "hi" \\', '"say \\"hi\\" \\\\"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\0\x1b\x7f', '"\\x00\\x1b\\x7f"'],
  ['\u0085\u00a0\u200b\ufeff', '"\\u0085\\u00a0\\u200b\\ufeff"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted)
})
