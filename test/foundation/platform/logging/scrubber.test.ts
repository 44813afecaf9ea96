import {describe, expect, test} from 'vitest'
import {Secret} from '../../../../src/foundation/platform/index.ts'
import {createScrubber} from '../../../../src/foundation/platform/logging/scrubber.ts'

describe('what looks like a credential goes', () => {
  const {scrub} = createScrubber()
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

describe('known secrets go, in every dress', () => {
  const value = 'cänary "1234" /+'
  const {scrub, reviver} = createScrubber([new Secret(value)])
  test.each([
    ['plain', value],
    ['in JSON', JSON.stringify({note: value})],
    ['in a URL', `https://host/?q=${encodeURIComponent(value)}`],
  ])('%s', (_, text) => {
    const clean = scrub(text)
    expect(clean).toContain('[REDACTED]')
    expect(clean).not.toContain('nary')
  })

  test('members with sensitive names are blanked at any depth and in any spelling', () => {
    const json = JSON.stringify({a: {'X-Tunnel-Shard-Token': 5, Password: {deep: 1}}, b: ['fine', value]})
    expect(JSON.parse(json, reviver)).toEqual({
      a: {'X-Tunnel-Shard-Token': '[REDACTED]', Password: '[REDACTED]'},
      b: ['fine', '[REDACTED]'],
    })
  })

  test('a short word is no secret: "on" must not garble the log', () => {
    expect(createScrubber([new Secret('on')]).scrub('connection on')).toBe('connection on')
  })

  test('a private key is known line by line, its frame is not', () => {
    const pem =
      '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n'
    const {scrub} = createScrubber([new Secret(pem)])
    expect(scrub('line 2 is AQEFAASCBKcwggSjAgEAAoIB.')).toBe('line 2 is [REDACTED].')
    expect(scrub('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----')
  })

  test('the token of a header is known without its scheme', () => {
    const {scrub} = createScrubber([new Secret('Bearer abcdef0123456789')])
    expect(scrub('who is abcdef0123456789?')).toBe('who is [REDACTED]?')
    expect(scrub('a Bearer of news')).toBe('a Bearer of news')
  })

  test('a secret can be learnt later', () => {
    const scrubber = createScrubber()
    expect(scrubber.scrub('operator-9999')).toBe('operator-9999')
    scrubber.learn(new Secret('operator-9999'))
    expect(scrubber.scrub('operator-9999')).toBe('[REDACTED]')
  })
})
