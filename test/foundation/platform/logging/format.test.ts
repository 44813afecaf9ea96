import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {formatDefault, formatJson, formatText} from '../../../../src/foundation/platform/logging/format.ts'

const zone = process.env.TZ
beforeAll(() => {
  process.env.TZ = 'UTC'
})
afterAll(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

const record = (attrs: Record<string, unknown>, message = 'poll failed; backing off') => ({
  time: Date.UTC(2026, 10, 21, 0, 0, 0, 7),
  level: 'WARN',
  message,
  attrs,
})

describe('golden lines', () => {
  test('default', () => {
    expect(formatDefault(record({channel: 'main', attempt: 2}))).toBe(
      '2026/11/21 00:00:00 WARN poll failed; backing off channel=main attempt=2\n',
    )
  })

  test('struct-text', () => {
    expect(formatText(record({channel: 'main', ok: true}))).toBe(
      'time=2026-11-21T00:00:00.007Z level=WARN msg="poll failed; backing off" channel=main ok=true\n',
    )
  })

  test('json', () => {
    expect(formatJson(record({channel: 'main', nested: {a: [1, null]}}))).toBe(
      '{"time":"2026-11-21T00:00:00.007Z","level":"WARN","msg":"poll failed; backing off","channel":"main","nested":{"a":[1,null]}}\n',
    )
  })

  test('an attribute cannot replace time, level or message', () => {
    expect(JSON.parse(formatJson(record({msg: 'other', level: 'X', time: 1})))).toMatchObject({
      msg: 'poll failed; backing off',
      level: 'WARN',
    })
  })

  test('another zone shows its offset', () => {
    process.env.TZ = 'Asia/Kolkata'
    expect(formatText(record({}))).toMatch(/^time=2026-11-21T05:30:00\.007\+05:30 /)
    process.env.TZ = 'UTC'
  })
})

// Taken from what Go's slog text handler prints for the same values.
describe('quoting is that of slog', () => {
  test.each([
    ['plain', 'plain'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a=b', '"a=b"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['C:\\dir', 'C:\\dir'],
    ['C:\\my dir', '"C:\\\\my dir"'],
    ['tab\there', '"tab\\there"'],
    ['line\nbreak', '"line\\nbreak"'],
    ['\u001b[31m', '"\\x1b[31m"'],
    ['grün🟢', 'grün🟢'],
    ['zero\u200bwidth', '"zero\\u200bwidth"'],
    ['nbsp\u00a0', '"nbsp\\u00a0"'],
    ['/v1/tunnels?limit', '/v1/tunnels?limit'],
  ])('%j', (value, shown) => {
    expect(formatText(record({v: value}, 'm'))).toBe(`time=2026-11-21T00:00:00.007Z level=WARN msg=m v=${shown}\n`)
  })

  test.each([
    [null, '<nil>'],
    [1.5, '1.5'],
    [['a', 'b'], '"[a b]"'],
  ])('%j', (value, shown) => {
    expect(formatText(record({v: value}, 'm'))).toContain(` v=${shown}\n`)
  })

  test('groups become dotted keys, undefined vanishes', () => {
    expect(formatText(record({g: {a: 1, h: {b: 'x y'}}, gone: undefined}, 'm'))).toMatch(/ g\.a=1 g\.h\.b="x y"\n$/)
  })

  test('a message is one line in every format', () => {
    for (const format of [formatDefault, formatText, formatJson]) {
      expect(format(record({}, 'first\nsecond')).trimEnd()).not.toContain('\n')
    }
  })
})
