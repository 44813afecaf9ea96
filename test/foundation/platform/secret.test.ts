import {inspect} from 'node:util'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {redactSecrets, Secret} from '../../../src/foundation/platform/index.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('redacts the value of every secret of the process', () => {
  const value = 'cänary "1234" /+<1>'
  new Secret(value)
  new Secret('Bearer abcdef0123456789token')
  new Secret(`Basic ${base64('operator:correct-horse')}`)
  new Secret('session=0123456789abcdef; theme=dark')

  test.each([
    ['plain', value],
    ['in JSON', JSON.stringify({note: value})],
    ['in JSON inside JSON', JSON.stringify({note: JSON.stringify({value})})],
    ['in a URL', `https://host/?q=${encodeURIComponent(value)}`],
    ['in HTML', '<p>c&auml; cänary &quot;1234&quot; /+&lt;1&gt;</p>'],
    ['in Base64, with neighbors at every offset', ['', 'a', 'ab'].map((left) => base64(`${left}${value}z`)).join(' ')],
    ['the token of a header without its scheme', 'invalid token abcdef0123456789token!'],
    ['the credentials of Basic, decoded', 'no user operator:correct-horse'],
    ['the password of Basic alone', 'wrong password correct-horse'],
    ['the value of a cookie', 'unknown session 0123456789abcdef'],
  ])('%s', (_, text) => {
    const clean = redactSecrets(text)
    expect(clean).toContain('[REDACTED]')
    expect(clean).not.toMatch(/nary|ab?cdef012|horse|0123456789|MTIzN|EyMz|IxMjM/)
  })

  test('a quote that breaks off inside a token', () => {
    expect(redactSecrets('bad key: abcdef0123456789t…')).toBe('bad key: [REDACTED]…')
    expect(redactSecrets('bad key: abcdef0123456789t')).toBe('bad key: [REDACTED]')
  })

  test('not the beginning of an address, a media type or several words', () => {
    for (const common of [
      'https://app.example.com/one/two',
      'application/json;charset=utf-8',
      'one two three four five',
    ]) {
      new Secret(common)
      expect(redactSecrets(`${common.slice(0, 18)}?`)).toBe(`${common.slice(0, 18)}?`)
      expect(redactSecrets(common)).toBe('[REDACTED]')
    }
  })

  test('not short words, and not what was exempted', () => {
    new Secret('on')
    new Secret('application/json', {redact: false})
    expect(redactSecrets('connection on; application/json')).toBe('connection on; application/json')
  })

  test('wherever it stands and however often', () => {
    const token = 'tok_AbCdEfGhIjKlMnOp'
    new Secret(token)
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({maxLength: 9}), fc.constant(token))), (parts) => {
        expect(redactSecrets(parts.join(''))).toBe(parts.join('').replaceAll(token, '[REDACTED]'))
      }),
    )
  })

  test('in linear time, however many secrets there are', () => {
    for (let n = 0; n < 2000; n++) new Secret(`${n}-secret-number-of-many`)
    const started = process.cpuUsage()
    redactSecrets('7-secret-number-'.repeat(80_000))
    const {user, system} = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(1000)
  })
})

test('a secret that is printed by accident shows nothing', () => {
  const secret = new Secret('printed-by-accident')
  expect(`${secret} ${JSON.stringify({secret})} ${inspect(secret)}`).not.toContain('accident')
})
