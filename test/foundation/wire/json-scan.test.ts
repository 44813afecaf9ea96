import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  JsonScanError,
  type Span,
  scanArray,
  scanObject,
  skipSpace,
  skipString,
  skipValue,
  soleValue,
  stringAt,
} from '../../../src/foundation/wire/index.ts'
import {spacedJson} from '../../support/spaced-json.ts'

const text = (buf: Buffer, span: Span): string => buf.toString('utf8', span.start, span.end)

describe('spans of JSON values', () => {
  test('the span of any JSON text, with any white space around, is exactly that text', () => {
    fc.assert(
      fc.property(spacedJson, fc.constantFrom('', ' ', '\n\t '), (json, pad) => {
        const buf = Buffer.from(pad + json + pad)
        expect(text(buf, soleValue(buf))).toBe(json)
      }),
      {numRuns: 2000},
    )
  })

  test('members and elements re-parse to what JSON.parse sees', () => {
    fc.assert(
      fc.property(spacedJson, (json) => {
        const buf = Buffer.from(json)
        const parsed = JSON.parse(json) as unknown
        if (Array.isArray(parsed)) {
          const items: unknown[] = []
          expect(scanArray(buf, 0, (span) => items.push(JSON.parse(text(buf, span))))).toBe(buf.length)
          expect(items).toEqual(parsed)
        } else if (typeof parsed === 'object' && parsed !== null) {
          const seen = Object.create(null) as Record<string, unknown>
          scanObject(buf, 0, (key, span) => {
            Object.defineProperty(seen, key, {value: JSON.parse(text(buf, span)), enumerable: true, configurable: true})
          })
          expect(Object.entries(seen).sort()).toEqual(Object.entries(parsed).sort())
        } else if (typeof parsed === 'string') {
          expect(stringAt(buf, {start: 0, end: skipString(buf, 0)})).toBe(parsed)
        }
      }),
      {numRuns: 2000},
    )
  })

  test('whatever happens to the bytes of a payload, its span never reaches over the envelope', () => {
    const arbitrary = fc.tuple(spacedJson, fc.nat(), fc.nat({max: 255}), fc.constantFrom('set', 'cut', 'insert'))
    fc.assert(
      fc.property(arbitrary, ([json, where, byte, how]) => {
        const payload = mutate(Buffer.from(json), where, byte, how)
        const open = Buffer.from('{"a":1,"payload":')
        const buf = Buffer.concat([open, payload, Buffer.from(',"after":"x"}')])
        let seen: Span | null = null
        let after: string | null = null
        try {
          const end = scanObject(buf, 0, (key, span) => {
            if (key === 'payload') seen ??= span
            if (key === 'after') after = text(buf, span)
          })
          if (end !== buf.length) return
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(JsonScanError)
          return
        }
        // It was accepted as a whole: then the span lies inside, and putting it back gives a closed envelope again.
        expect(after).toBe('"x"')
        expect(seen!.start).toBe(skipSpace(buf, open.length))
        const span = text(buf, seen!)
        const again = Buffer.from(`[${span}]`)
        let count = 0
        expect(scanArray(again, 0, () => count++)).toBe(again.length)
        expect(count).toBe(1)
      }),
      {numRuns: 3000},
    )
  })

  test('every proper prefix of a value is refused, not cut short', () => {
    for (const json of ['{"a":[1,{"b":"}"}]}', '["\\"]",2]', '"a\\\\\\"b"', `"${'y'.repeat(200)}\\""`]) {
      const buf = Buffer.from(json)
      for (let end = 0; end < buf.length; end++) {
        expect(() => skipValue(buf.subarray(0, end), 0), json.slice(0, end)).toThrow(JsonScanError)
      }
      expect(skipValue(buf, 0)).toBe(buf.length)
    }
  })

  test.each(['[1}', '{"a":1]', '{"a" 1}', '{a:1}', '{"a":}', '[1 2', '01', '+1', 'nul', '"\u0001"', '{"a":1,}'])(
    'refuses %s',
    (json) => {
      const buf = Buffer.from(json)
      expect(() => {
        if (json.startsWith('{')) scanObject(buf, 0, () => {})
        else soleValue(buf)
      }).toThrow(JsonScanError)
    },
  )

  test('a long string ends at the right quote, whatever run of backslashes stands before it', () => {
    for (let slashes = 0; slashes < 9; slashes++) {
      for (const lead of [0, 45, 46, 47, 48, 49, 50, 95, 96, 97]) {
        const content = ['x'.repeat(lead), '\\\\'.repeat(slashes), '\\"', 'y'.repeat(60)].join('')
        const buf = Buffer.from(`"${content}" ,"next"`)
        expect(skipString(buf, 0)).toBe(Buffer.byteLength(content) + 2)
      }
    }
  })
})

function mutate(payload: Buffer, where: number, byte: number, how: string): Buffer {
  const at = where % Math.max(1, payload.length)
  if (how === 'cut') return payload.subarray(0, at)
  if (how === 'insert') return Buffer.concat([payload.subarray(0, at), Buffer.from([byte]), payload.subarray(at)])
  const copy = Buffer.from(payload)
  copy[at] = byte
  return copy
}
