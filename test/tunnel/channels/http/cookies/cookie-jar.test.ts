import {describe, expect, it} from 'vitest'
import {CookieJar} from '../../../../../src/tunnel/channels/http/cookies/cookie-jar.ts'

function jarOf(url = 'https://mcp.corp.example/base/mcp') {
  let now = 1000
  const jar = new CookieJar({url: new URL(url), now: () => now, wall: () => Date.UTC(2026, 10, 30) + now})
  const set = (...fields: string[]) => {
    for (const field of fields) jar.set(field, '/base/mcp')
    return jar
  }
  return {
    jar,
    set,
    pass: (ms: number) => {
      now += ms
    },
  }
}

describe('a cookie', () => {
  it.each([
    ['a=1', '/base/mcp', ['a=1']],
    ['a=1', '/base/other?x=/', ['a=1']],
    ['a=1', '/other', []],
    ['a=1; Path=/', '/other', ['a=1']],
    ['a=1; Path=/base/m', '/base/mcp', []],
    ['a=1; Path=relative', '/base/mcp', ['a=1']],
    [' a = 1 ; HttpOnly; SameSite=Strict; Partitioned', '/base/mcp', ['a=1']],
    ['a="1; 2"', '/base/mcp', ['a="1']],
    ['a=', '/base/mcp', ['a=']],
    ['a=b=c', '/base/mcp', ['a=b=c']],
    ['=1', '/base/mcp', []],
    ['novalue', '/base/mcp', []],
    ['a=1\u0001', '/base/mcp', []],
    ['a=1; Domain=corp.example', '/base/mcp', ['a=1']],
    ['a=1; Domain=.MCP.corp.example', '/base/mcp', ['a=1']],
    ['a=1; Domain=', '/base/mcp', ['a=1']],
    ['a=1; Domain=evil.example', '/base/mcp', []],
    ['a=1; Domain=p.example', '/base/mcp', []],
    ['a=1; Max-Age=0', '/base/mcp', []],
    ['a=1; Max-Age=-1', '/base/mcp', []],
    ['a=1; Max-Age=x', '/base/mcp', ['a=1']],
    ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', '/base/mcp', []],
    ['a=1; Expires=Wed, 09-Dec-26 10:00:00 GMT', '/base/mcp', ['a=1']],
    ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', '/base/mcp', ['a=1']],
    ['a=1; Expires=never', '/base/mcp', ['a=1']],
    [`a=${'x'.repeat(5000)}`, '/base/mcp', []],
  ])('%s to %s', (field, path, pairs) => {
    expect(jarOf().set(field).pairs(path)).toEqual(pairs)
  })

  it('is replaced by one of the same name and path, removed by one that has expired, and gone when its time is over', () => {
    const {set, pass, jar} = jarOf()
    set('a=1', 'b=2; Max-Age=10', 'a=3')
    expect(jar.pairs('/base/mcp')).toEqual(['a=3', 'b=2'])
    pass(10_000)
    expect(jar.pairs('/base/mcp')).toEqual(['a=3'])
    set('a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'b=; Max-Age=0')
    expect([jar.pairs('/base/mcp'), jar.bytes]).toEqual([[], 0])
  })

  it('with the longer path stands first', () => {
    expect(jarOf().set('a=1; Path=/', 'b=2; Path=/base').pairs('/base/mcp')).toEqual(['b=2', 'a=1'])
  })

  it('that is secure goes over https only', () => {
    const fields = ['a=1; Secure', 'b=2']
    expect(
      jarOf('http://mcp.corp.example/mcp')
        .set(...fields)
        .pairs('/base/mcp'),
    ).toEqual(['b=2'])
    expect(
      jarOf()
        .set(...fields)
        .pairs('/base/mcp'),
    ).toEqual(['a=1', 'b=2'])
  })

  it('of a parent domain is none of an address', () => {
    expect(jarOf('http://10.0.0.1/mcp').set('a=1; Domain=0.0.1', 'b=2').pairs('/base/mcp')).toEqual(['b=2'])
  })
})

it('keeps fifty cookies of 4096 bytes, the newest ones', () => {
  const {jar, set} = jarOf()
  for (let n = 0; n < 200; n++) set(`c${n}=${'x'.repeat(4000)}`)
  const names = jar.pairs('/base/mcp').map((pair) => pair.split('=')[0])
  expect(names).toEqual(Array.from({length: 50}, (_, n) => `c${n + 150}`))
  expect(jar.bytes).toBeLessThan(50 * 4300)
})
