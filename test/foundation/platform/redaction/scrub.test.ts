import {describe, expect, test} from 'vitest'
import {Secret, scrub} from '../../../../src/foundation/platform/index.ts'

describe('what looks like a credential goes', () => {
  test.each([
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [REDACTED]'],
    ['authorization=Basic dXNlcjpwdw==', 'authorization=Basic [REDACTED]'],
    ['sent Bearer 0123456789abcdef', 'sent Bearer [REDACTED]'],
    ['X-Tunnel-Shard-Token: shard-1', 'X-Tunnel-Shard-Token: [REDACTED]'],
    ['Set-Cookie: a=b; Path=/', 'Set-Cookie: [REDACTED]'],
    ['key sk-proj-0123456789 rejected', 'key sk-REDACTED rejected'],
    ['{"access_token":"a\\"b","n":1}', '{"access_token":"[REDACTED]","n":1}'],
    ['/cb?code=xyz&state=1', '/cb?code=[REDACTED]&state=1'],
    ['grant api_key=abc client_secret=def', 'grant api_key=[REDACTED] client_secret=[REDACTED]'],
    ['https://me:pw@proxy:3128/x', 'https://[REDACTED]@proxy:3128/x'],
  ])('%s', (text, clean) => {
    expect(scrub(text)).toBe(clean)
  })

  test.each([
    'exit code=1',
    'tunnel_0123456789abcdef0123456789abcdef',
    'mail me@example.com',
    'http://127.0.0.1:8080/readyz',
    'task-list',
    'risk-assessment-of-tokens',
  ])('ordinary text stays: %s', (text) => {
    expect(scrub(text)).toBe(text)
  })
})

test('bounds what it returns, and says how much there was', () => {
  expect(scrub('x'.repeat(4096))).toBe('x'.repeat(4096))
  expect(scrub('x'.repeat(60_000))).toBe(`${'x'.repeat(4096)}… (60000 characters)`)
  expect(scrub('x'.repeat(50), {max: 10})).toBe(`${'x'.repeat(10)}… (50 characters)`)
})

test('shows no part of a secret that the cut goes through', () => {
  new Secret('cut-canary')
  new Secret('cut_token_0123456789abcdefghijklmnopqrstuvwxyz')
  for (const secret of ['cut-canary', 'cut_token_0123456789abcdefghijklmnopqrstuvwxyz', 'Bearer cutcut0123456789']) {
    for (let before = 4040; before < 4100; before++) {
      const shown = scrub(`${'x'.repeat(before - 1)} ${`${secret} `.repeat(3)}${'y'.repeat(5000)}`)
      expect(shown).not.toMatch(/cut-|cut_t|cutcu/)
    }
  }
  // Replaced ones shrink the text: what is drawn in from behind the cut is not known as a secret yet.
  expect(scrub('cut_token_0123456789abcdefghijklmnopqrstuvwxyz '.repeat(98) + 'z'.repeat(9000))).not.toMatch(/cut_t/)
})

test.each([
  ['letters', 'a'],
  ['an address that never ends', '://a'],
  ['schemes', 'http://'],
  ['headers', 'authorization: '],
  ['quotes', '"password":"'],
  ['at signs', 'a@'],
  ['dashes', 'sk-'],
])('takes less than 100 ms of CPU for a megabyte of %s', (_, part) => {
  const hostile = part.repeat(1_000_000 / part.length)
  const once = (): number => {
    const started = process.cpuUsage()
    scrub(hostile)
    const {user, system} = process.cpuUsage(started)
    return (user + system) / 1000
  }
  expect(Math.min(once(), once(), once())).toBeLessThan(100)
})
