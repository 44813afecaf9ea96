import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import type {Clock} from '../../../../src/foundation/platform/index.ts'
import type {OpenCall} from '../../../../src/tunnel/channels/multiplex/call-table.ts'
import {Pressure} from '../../../../src/tunnel/channels/multiplex/pressure.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const callNamed = (internal: number): OpenCall => ({internal}) as OpenCall

function setup(working: OpenCall[]) {
  const started = Date.now()
  const clock = {now: () => Date.now() - started, wall: () => Date.now()} as Clock
  const turns: {at: number; on: boolean}[] = []
  const hold = (on: boolean): void => void turns.push({at: clock.now(), on})
  const pressure = new Pressure({clock, working: () => working, hold})
  /** Milliseconds for which the server was not read, up to now. */
  const heldMs = (): number => {
    const ends = [...turns, {at: clock.now(), on: false}]
    return ends.reduce((sum, {at}, i) => sum + (ends[i - 1]?.on ? at - ends[i - 1]!.at : 0), 0)
  }
  return {pressure, turns, heldMs}
}

test('a server that works for nobody else is not read until the way is free', () => {
  const slow = callNamed(1)
  const {pressure, turns} = setup([slow])
  pressure.press(slow)
  vi.advanceTimersByTime(60_000)
  pressure.relax(slow)
  expect(turns).toEqual([
    {at: 0, on: true},
    {at: 60_000, on: false},
  ])
})

test('others who wait for it lose a second at once and a tenth of the time', () => {
  const slow = callNamed(1)
  const {pressure, turns, heldMs} = setup([slow, callNamed(2)])
  pressure.press(slow)
  vi.advanceTimersByTime(1000)
  expect(turns).toEqual([
    {at: 0, on: true},
    {at: 1000, on: false},
  ])
  vi.advanceTimersByTime(99_000)
  expect(heldMs()).toBeGreaterThan(8000)
  expect(heldMs()).toBeLessThan(11_500)
})

test('several that are slow are no reason to wait longer, and one who comes later is heard', () => {
  const slow = [callNamed(1), callNamed(2)]
  const working = [...slow]
  const {pressure, heldMs, turns} = setup(working)
  for (const call of slow) pressure.press(call)
  vi.advanceTimersByTime(5000)
  expect(heldMs()).toBe(5000)
  working.push(callNamed(3))
  pressure.look()
  vi.advanceTimersByTime(1000)
  expect(turns.at(-1)).toEqual({at: 6000, on: false})
})
