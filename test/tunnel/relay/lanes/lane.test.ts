import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {Lane, type LaneTask} from '../../../../src/tunnel/relay/lanes/lane.ts'
import {manualTime} from '../../../support/manual-time.ts'

function lane(options: {slots?: number; capacity?: number} = {}) {
  const time = manualTime()
  const started: string[] = []
  const made = new Lane<LaneTask>({
    channel: 'main',
    slots: options.slots ?? 1,
    capacity: options.capacity ?? 20,
    now: () => time.clock.now(),
    onSpace: () => {},
  })
  const task = (name: string, session = '', needsSlot = true): LaneTask => ({
    requestId: name,
    session,
    needsSlot,
    start: () => started.push(name),
  })
  return {lane: made, started, task, time}
}

describe('a lane', () => {
  test('runs as many as it has slots, keeps as many as it may, refuses the rest', () => {
    const {lane: l, started, task} = lane({slots: 2, capacity: 2})
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => l.offer(task(name, name)))).toEqual([
      'started',
      'started',
      'queued',
      'queued',
      'full',
    ])
    expect(l.free).toBe(0)
    l.releaseSlot()
    l.releaseSlot()
    expect(started).toEqual(['a', 'b', 'c', 'd'])
  })

  test('what needs no slot does not wait for one, but for those of its session ahead of it', () => {
    const {lane: l, started, task} = lane({slots: 1})
    l.offer(task('call-1', 's'))
    l.offer(task('call-2', 's'))
    l.offer(task('note-s', 's', false))
    l.offer(task('note-t', 't', false))
    expect(started).toEqual(['call-1', 'note-t'])
    l.releaseSlot()
    expect(started).toEqual(['call-1', 'note-t', 'call-2', 'note-s'])
  })

  test('a closed session holds back its own tasks only', () => {
    const {lane: l, started, task} = lane({slots: 5})
    l.close('s')
    l.close('s')
    l.offer(task('s1', 's'))
    l.offer(task('t1', 't'))
    l.open('s')
    expect(started).toEqual(['t1'])
    l.open('s')
    expect(started).toEqual(['t1', 's1'])
  })

  test('a withdrawn task never starts and lets the next one in', () => {
    const {lane: l, started, task} = lane({slots: 1})
    const second = task('b', 's')
    l.offer(task('a', 's'))
    l.offer(second)
    l.offer(task('c', 's', false))
    l.withdraw(second)
    expect(started).toEqual(['a', 'c'])
    expect(l.queued).toBe(0)
  })

  test('a queue that starts nothing for a second stands still', () => {
    const {lane: l, task, time} = lane({slots: 1})
    l.offer(task('a'))
    l.offer(task('b'))
    expect(l.stuck).toBe(false)
    time.advance(1001)
    expect(l.stuck).toBe(true)
    l.releaseSlot()
    expect(l.stuck).toBe(false)
  })

  test('whatever arrives and ends in whatever order: slots are never exceeded, sessions start in order, all start', () => {
    const arrival = fc.record({
      session: fc.constantFrom('', 'a', 'b'),
      needsSlot: fc.boolean(),
      endsAtOnce: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(arrival, {maxLength: 30}), fc.integer({min: 1, max: 3}), (arrivals, slots) => {
        const {lane: l} = lane({slots, capacity: 100})
        const startedBySession = new Map<string, number[]>()
        let running = 0
        arrivals.forEach(({session, needsSlot, endsAtOnce}, index) => {
          l.offer({
            requestId: String(index),
            session,
            needsSlot,
            start: () => {
              startedBySession.set(session, [...(startedBySession.get(session) ?? []), index])
              if (!needsSlot) return
              running += 1
              expect(running).toBeLessThanOrEqual(slots)
              if (endsAtOnce) {
                running -= 1
                l.releaseSlot()
              }
            },
          })
        })
        while (running > 0) {
          running -= 1
          l.releaseSlot()
        }
        expect(l.queued).toBe(0)
        const all = [...startedBySession.values()]
        for (const order of all) expect(order).toEqual([...order].sort((x, y) => x - y))
        expect(all.flat()).toHaveLength(arrivals.length)
      }),
    )
  })
})
