import {describe, expect, test} from 'vitest'
import {SeenSet} from '../../../src/tunnel/relay/seen-set.ts'
import {manualTime} from '../../support/manual-time.ts'

function seen(ttl = 1000) {
  const time = manualTime()
  return {time, set: new SeenSet({ttl, now: () => time.clock.now()})}
}

const answer = (size: number) => ({body: [Buffer.alloc(size)], type: 'jsonrpc_response'}) as const

describe('request ids that were here', () => {
  test('in flight and answered ones are known for their time at least, and forgotten after twice that', () => {
    const {set, time} = seen()
    expect(set.look('a').state).toBe('new')
    set.begin('a')
    expect(set.look('a').state).toBe('known')
    set.answered('a')
    time.advance(1000)
    set.begin('b')
    expect(set.look('a').state).toBe('known')
    time.advance(1000)
    set.begin('c')
    expect(set.look('a').state).toBe('new')
    expect(set.look('b').state).toBe('known')
  })

  test('a small undelivered answer is kept, a large one is only remembered', () => {
    const {set} = seen()
    set.begin('small')
    set.undelivered('small', answer(64 * 1024))
    set.begin('large')
    set.undelivered('large', answer(64 * 1024 + 1))
    expect(set.look('small')).toMatchObject({state: 'undelivered', kept: {type: 'jsonrpc_response'}})
    expect(set.look('large')).toEqual({state: 'undelivered', kept: null})
  })

  test('kept answers together stay below 16 MiB', () => {
    const {set} = seen(1e9)
    for (let i = 0; i < 300; i++) {
      set.begin(`r${i}`)
      set.undelivered(`r${i}`, answer(64 * 1024))
    }
    const kept = Array.from({length: 300}, (_, i) => set.look(`r${i}`)).filter(
      (sighting) => sighting.state === 'undelivered' && sighting.kept !== null,
    )
    expect(kept).toHaveLength(256)
  })

  test('never more than 20 000 entries, and those in flight are not forgotten', () => {
    const {set} = seen(1e9)
    set.begin('long')
    for (let i = 0; i < 25_000; i++) {
      set.begin(`r${i}`)
      set.answered(`r${i}`)
    }
    expect(set.size).toBeLessThanOrEqual(20_002)
    expect(set.look('long').state).toBe('known')
    expect(set.look('r0').state).toBe('new')
    for (let i = 15_000; i < 25_000; i++) expect(set.look(`r${i}`).state).toBe('known')
  })

  test('more in flight than it remembers otherwise: each is known, and a new one costs no walk over all', () => {
    const {set} = seen(1e9)
    // Copying ten thousand of them for each, this takes minutes.
    for (let i = 0; i < 150_000; i++) set.begin(`r${i}`)
    expect(set.size).toBe(150_000)
    for (const i of [0, 75_000, 149_999]) expect(set.look(`r${i}`).state).toBe('known')
    for (let i = 0; i < 150_000; i++) set.answered(`r${i}`)
    for (let i = 0; i < 200_000; i++) {
      set.begin(`s${i}`)
      set.answered(`s${i}`)
    }
    expect(set.size).toBeLessThan(25_000)
  })

  test('a call that outlives the time stays known', () => {
    const {set, time} = seen(1000)
    set.begin('long')
    for (let i = 0; i < 10; i++) {
      time.advance(500)
      set.begin(`r${i}`)
      set.answered(`r${i}`)
    }
    expect(set.look('long').state).toBe('known')
    expect(set.size).toBeLessThan(6)
  })
})
