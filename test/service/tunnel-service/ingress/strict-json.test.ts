import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {jsonErrorAt} from '../../../../src/service/tunnel-service/ingress/strict-json.ts'

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('strict JSON', () => {
  it('agrees with JSON.parse on JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t'), (text, space) => {
        expect(jsonErrorAt(Buffer.from(space + text + space))).toBe(-1)
      }),
    )
  })

  it('agrees with JSON.parse on JSON with one character changed, removed or added', () => {
    const characters = fc.constantFrom(...'{}[]",:\\ue-+.01x \n\t\u0001'.split(''))
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom(0, 1),
        characters,
        fc.boolean(),
        (text, at, cut, added, adds) => {
          const from = at % (text.length + 1)
          const changed = text.slice(0, from) + (adds ? added : '') + text.slice(from + cut)
          expect(jsonErrorAt(Buffer.from(changed)) === -1).toBe(parses(changed))
        },
      ),
      {numRuns: 3000},
    )
  })

  it('agrees with JSON.parse on short texts of its own characters', () => {
    const text = fc.array(fc.constantFrom(...'{}[]",:\\ue-+.01 tfn'.split(''), 'true', 'null', '"a"', '\\u00e9'), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(text, (parts) => {
        const joined = parts.join('')
        expect(jsonErrorAt(Buffer.from(joined)) === -1).toBe(parses(joined))
      }),
      {numRuns: 5000},
    )
  })

  it('agrees with JSON.parse on long strings, wherever something odd stands in them and wherever they begin', () => {
    const odd = fc.constantFrom(
      '',
      '\u0000',
      '\u001f',
      '\n',
      '\u007f',
      '\\',
      '\\n',
      '\\x',
      '"',
      '\\"',
      '\\u12',
      '漢',
      '\u00ff',
    )
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), odd, odd, fc.nat(7), (before, after, first, second, offset) => {
        const text = `"${'a'.repeat(before)}${first}${'é'.repeat(after)}${second}${'z'.repeat(before)}"`
        const bytes = Buffer.from(' '.repeat(offset) + text).subarray(offset)
        expect(jsonErrorAt(bytes) === -1).toBe(parses(text))
      }),
      {numRuns: 3000},
    )
  })

  it('takes any depth without recursion', () => {
    const depth = 200_000
    expect(jsonErrorAt(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))).toBe(-1)
    expect(jsonErrorAt(Buffer.from('{"a":'.repeat(depth)))).toBe(5 * depth)
  })
})
