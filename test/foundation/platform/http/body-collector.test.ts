import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {BodyCollector} from '../../../../src/foundation/platform/index.ts'

const KIB = 1024

describe('the body collector', () => {
  it('gives back what came, whatever length was announced and however it was cut', () => {
    const piece = fc.nat(90 * KIB).map((length) => Buffer.alloc(length, length % 251))
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 6}), fc.integer({min: -1, max: 400 * KIB}), (pieces, wrong) => {
        const whole = Buffer.concat(pieces)
        const body = new BodyCollector(wrong < 0 ? whole.length : wrong, {ahead: 256 * KIB})
        for (const one of pieces) body.push(one)
        expect(body.length).toBe(whole.length)
        expect(body.take().equals(whole)).toBe(true)
        expect(body.take().length).toBe(0)
      }),
    )
  })

  it('sets nothing aside for a length that is more than it may believe, and nothing before a byte has come', () => {
    const before = process.memoryUsage().arrayBuffers
    const bodies = Array.from({length: 64}, () => new BodyCollector(64 * 1024 * KIB, {ahead: KIB * KIB}))
    for (const body of bodies) body.push(Buffer.from('x'))
    const believed = Array.from({length: 64}, () => new BodyCollector(KIB * KIB, {ahead: KIB * KIB}))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * KIB * KIB)
    expect([...bodies, ...believed].map((body) => body.take().length)).toContain(0)
  })

  it('holds a body that drips in byte by byte as bytes, not as so many pieces', () => {
    const bytes = Buffer.from(Array.from({length: 1000}, (_, n) => n % 251))
    const body = new BodyCollector(0, {ahead: 0})
    const before = process.memoryUsage.rss()
    for (let at = 0; at < 2_000_000; at++) body.push(bytes.subarray(at % 1000, (at % 1000) + 1))
    expect(process.memoryUsage.rss() - before).toBeLessThan(140 * KIB * KIB)
    const whole = body.take()
    expect(whole.length).toBe(2_000_000)
    expect(whole.subarray(-1000).equals(bytes)).toBe(true)
  })

  it('gives a body of one piece back without a copy', () => {
    const piece = Buffer.alloc(100 * KIB)
    const body = new BodyCollector(piece.length, {ahead: KIB * KIB})
    body.push(piece)
    expect(body.take()).toBe(piece)
  })
})
