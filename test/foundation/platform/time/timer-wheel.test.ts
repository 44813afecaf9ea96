import {spawnSync} from 'node:child_process'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {createTimerWheel} from '../../../../src/foundation/platform/time/timer-wheel.ts'

describe('the timer wheel', () => {
  beforeEach(() => vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']}))
  afterEach(() => vi.useRealTimers())
  const clock = {now: () => performance.now(), wall: () => 0}

  test('fires once, never early, at most one tick late, in order', () => {
    const wheel = createTimerWheel({clock, tickMs: 10})
    const fired: [number, number][] = []
    const start = clock.now()
    const delays = [3000, 5, 17, 17, 100, 0, -20, 999, 12, 40_000]
    for (const delay of delays) wheel.at(start + delay, () => fired.push([delay, clock.now() - start]))
    for (let ms = 0; ms < 41_000; ms += 1) vi.advanceTimersByTime(1)
    expect(fired.map(([delay]) => delay).toSorted((a, b) => a - b)).toEqual(delays.toSorted((a, b) => a - b))
    for (const [delay, at] of fired) {
      expect(at).toBeGreaterThanOrEqual(delay)
      expect(at).toBeLessThanOrEqual(Math.max(0, delay) + 12)
    }
    expect(fired.filter(([delay]) => delay === 17)).toHaveLength(2)
  })

  test('a cleared deadline never fires; clearing twice or after it fired is harmless', () => {
    const wheel = createTimerWheel({clock})
    const fired: string[] = []
    const kept = wheel.at(clock.now() + 50, () => fired.push('kept'))
    const cleared = wheel.at(clock.now() + 50, () => fired.push('cleared'))
    wheel.clear(cleared)
    wheel.clear(cleared)
    vi.advanceTimersByTime(100)
    wheel.clear(kept)
    expect(fired).toEqual(['kept'])
  })

  test('a callback may clear others of its tick and set new ones, also due at once', () => {
    const wheel = createTimerWheel({clock})
    const fired: string[] = []
    const at = clock.now() + 20
    wheel.at(at, () => {
      fired.push('first')
      wheel.clear(second)
      wheel.at(clock.now() - 5, () => fired.push('overdue'))
      wheel.at(clock.now() + 30, () => fired.push('later'))
    })
    const second = wheel.at(at, () => fired.push('second'))
    vi.advanceTimersByTime(100)
    expect(fired).toEqual(['first', 'overdue', 'later'])
  })

  test('an earlier deadline than the one it sleeps for wakes it in time', () => {
    const wheel = createTimerWheel({clock})
    const fired: string[] = []
    wheel.at(clock.now() + 10_000, () => fired.push('late'))
    wheel.at(clock.now() + 100, () => fired.push('early'))
    vi.advanceTimersByTime(120)
    expect(fired).toEqual(['early'])
    vi.advanceTimersByTime(10_000)
    expect(fired).toEqual(['early', 'late'])
  })

  test('a callback that throws costs nobody else their deadline', () => {
    const wheel = createTimerWheel({clock})
    const fired: string[] = []
    const at = clock.now() + 20
    wheel.at(at, () => {
      throw new Error('mine')
    })
    wheel.at(at, () => fired.push('same tick'))
    wheel.at(at + 500, () => fired.push('later'))
    expect(() => vi.advanceTimersByTime(100)).toThrow('mine')
    vi.advanceTimersByTime(1000)
    expect(fired).toEqual(['same tick', 'later'])
  })

  test('ten thousand deadlines that are all cleared leave no system timer that fires', () => {
    const wheel = createTimerWheel({clock})
    const timers = Array.from({length: 10_000}, (_, at) => wheel.at(clock.now() + 30_000 + at, () => {}))
    expect(vi.getTimerCount()).toBe(1)
    for (const timer of timers) wheel.clear(timer)
    vi.advanceTimersByTime(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('an empty wheel does not hold the process, a deadline does', () => {
  const wheel = JSON.stringify(new URL('../../../../src/foundation/platform/time/timer-wheel.ts', import.meta.url).href)
  const run = (body: string): {ms: number; out: string} => {
    const began = performance.now()
    const code = `const {createTimerWheel} = await import(${wheel}); const now = () => performance.now(); const wheel = createTimerWheel({clock: {now}}); ${body}`
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      encoding: 'utf8',
    })
    return {ms: performance.now() - began, out: child.stdout + child.stderr}
  }
  expect(run('wheel.clear(wheel.at(now() + 60_000, () => {}))').ms).toBeLessThan(30_000)
  expect(
    run('wheel.clear(wheel.at(now() + 60_000, () => {})); wheel.at(now() + 50, () => console.log("fired"))').out,
  ).toBe('fired\n')
})
