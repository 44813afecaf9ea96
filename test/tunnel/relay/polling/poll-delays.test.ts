import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {createPollDelays, type DelayFacts} from '../../../../src/tunnel/relay/polling/poll-delays.ts'
import {manualTime} from '../../../support/manual-time.ts'

const facts = (more: Partial<DelayFacts> = {}): DelayFacts => ({
  failure: 'service_down',
  status: 503,
  retryAfter: null,
  ...more,
})

const unit = fc.double({min: 0, max: 0.999, noNaN: true})

describe('how long the poller waits', () => {
  test('the first retry comes within 200 ms, none later than 10 s', () => {
    fc.assert(
      fc.property(fc.array(unit, {minLength: 1, maxLength: 40}), (draws) => {
        let at = 0
        const delays = createPollDelays({now: () => 0, random: () => draws[at++ % draws.length]!})
        const waits = draws.map(() => delays.next(facts()))
        expect(waits[0]).toBeLessThanOrEqual(200)
        for (const wait of waits) expect(wait).toBeLessThanOrEqual(10_000)
      }),
    )
  })

  test('a refused connect is tried again within half a second, but never in a spin', () => {
    fc.assert(
      fc.property(unit, fc.integer({min: 2, max: 200}), (draw, failures) => {
        const delays = createPollDelays({now: () => 0, random: () => draw})
        let wait = 0
        for (let n = 0; n < failures; n++) wait = delays.next(facts({failure: 'refused', status: null}))
        expect(wait).toBeLessThanOrEqual(500)
        expect(wait).toBeGreaterThanOrEqual(200)
      }),
    )
  })

  test.each([401, 403, 404])('%d waits 1 to 30 s for five minutes, then a minute', (status) => {
    const {clock, advance} = manualTime()
    const delays = createPollDelays({now: () => clock.now(), random: () => 0.999})
    const waits: number[] = []
    for (let spent = 0; spent < 300_000; ) {
      const wait = delays.next(facts({failure: 'key_invalid', status}))
      waits.push(wait)
      spent += wait
      advance(wait)
    }
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(1000)
      expect(wait).toBeLessThanOrEqual(30_000)
    }
    expect(delays.next(facts({failure: 'key_invalid', status}))).toBe(60_000)
  })

  test('Retry-After only makes it longer', () => {
    fc.assert(
      fc.property(unit, fc.nat({max: 60_000}), (draw, retryAfter) => {
        const delays = createPollDelays({now: () => 0, random: () => draw})
        expect(delays.next(facts({retryAfter}))).toBeGreaterThanOrEqual(retryAfter)
      }),
    )
  })

  test('a success starts over', () => {
    const delays = createPollDelays({now: () => 0, random: () => 0.999})
    for (let n = 0; n < 10; n++) delays.next(facts())
    delays.reset()
    expect(delays.next(facts())).toBeLessThanOrEqual(200)
  })
})
