import {expect, it} from 'vitest'
import {Turnaround} from '../../../../src/tunnel/relay/polling/turnaround.ts'

const after = (...times: number[]): number => {
  const turnaround = new Turnaround()
  for (const ms of times) turnaround.note(ms)
  return turnaround.ms
}

it('says nothing after one poll, which may have waited for its command', () => {
  expect(after()).toBe(0)
  expect(after(30_000)).toBe(0)
})

it('is the shortest of the latest polls: a busy machine is no long way', () => {
  expect(after(30_000, 51)).toBe(51)
  expect(after(51, 50, 49, 52, 30_000)).toBe(49)
  expect(after(3, 40, 40, 40, 40, 40, 40, 40)).toBe(3)
})

it('forgets the short way when the service has moved away', () => {
  expect(after(3, 60, 60, 60, 60, 60, 60, 60, 60)).toBe(60)
})
