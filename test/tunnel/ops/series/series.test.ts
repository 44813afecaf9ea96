import {describe, expect, test} from 'vitest'
import {createSeries, type EndedCall} from '../../../../src/tunnel/ops/index.ts'

const START = 1_700_000_000_000

function world() {
  const time = {wall: START}
  const series = createSeries({
    clock: {now: () => time.wall, wall: () => time.wall},
    channels: ['main'],
    gauges: () => ({queued: 1, running: 2, poll_age_ms: 3}),
  })
  const call = (change: Partial<EndedCall> & {ms?: number} = {}): void =>
    series.ended({
      requestId: 'r',
      channel: 'main',
      method: 'tools/call',
      outcome: 'answered',
      status: 200,
      failure: null,
      polledAt: time.wall - (change.ms ?? 10),
      endedAt: time.wall,
      ...change,
    })
  const document = (range: '15m' | '1h' | '24h' = '1h') =>
    series.document(range, {limits: {queue: 20, running: 10}, changes: []})
  return {time, series, call, document}
}

describe('columns', () => {
  test('count calls by how they ended, in slots of five seconds', () => {
    const {time, call, document} = world()
    call()
    call({outcome: 'refused'})
    time.wall += 5000
    call({outcome: 'expired'})
    const {step_ms, from_ms, slots, columns} = document()
    expect([step_ms, from_ms, slots]).toEqual([5000, START, 2])
    expect(columns.answered).toEqual([1, 0])
    expect(columns.refused).toEqual([1, 0])
    expect(columns.expired).toEqual([0, 1])
  })

  test('an outcome of a later version is an error, not lost', () => {
    const {call, document} = world()
    call({outcome: 'something new'})
    expect(document().columns.error).toEqual([1])
  })

  test('percentiles are right within ten per cent, and null without a call', () => {
    const {time, call, document} = world()
    for (let ms = 1; ms <= 1000; ms++) call({ms})
    time.wall += 5000
    const {p50_ms, p95_ms, p99_ms} = document().columns
    expect(p50_ms[1]).toBeNull()
    for (const [value, wanted] of [
      [p50_ms[0], 500],
      [p95_ms[0], 950],
      [p99_ms[0], 990],
    ] as const) {
      expect(value).toBeGreaterThan(wanted * 0.9)
      expect(value).toBeLessThan(wanted * 1.1)
    }
  })

  test('have one length each, and a day has minutes', () => {
    const {time, call, document} = world()
    for (let minute = 0; minute < 3 * 24 * 60; minute++) {
      call()
      time.wall += 60_000
    }
    for (const [range, slots, step] of [
      ['15m', 180, 5000],
      ['1h', 720, 5000],
      ['24h', 1440, 60_000],
    ] as const) {
      const read = document(range)
      expect([read.slots, read.step_ms]).toEqual([slots, step])
      for (const [name, values] of Object.entries(read.columns)) expect(values, name).toHaveLength(slots)
      expect(read.from_ms + (slots - 1) * step).toBeLessThanOrEqual(time.wall)
    }
    expect(document('24h').columns.answered.slice(0, -1)).toEqual(Array(1439).fill(1))
  })

  test('a machine that slept for a week leaves empty slots, and a clock that goes back a little breaks nothing', () => {
    const {time, call, document} = world()
    call()
    time.wall += 7 * 86_400_000
    call()
    const {columns} = document('24h')
    expect(columns.answered.at(-1)).toBe(1)
    expect(columns.answered.slice(0, -1).every((value) => value === 0)).toBe(true)
    expect(columns.rss_bytes.at(-2)).toBeNull()
    time.wall -= 90_000
    call()
    expect(document('24h').columns.answered.at(-1)).toBe(2)
  })

  test('a clock that was far ahead and is set right does not stop the series until then', () => {
    const {time, series, call, document} = world()
    call({outcome: 'error'})
    time.wall -= 4 * 365 * 86_400_000
    call()
    const {from_ms, step_ms, columns} = document()
    expect(time.wall - from_ms).toBeLessThan(step_ms)
    expect(columns).toMatchObject({answered: [1], error: [0]})
    expect(series.channel('main')).toMatchObject({calls: 1, failures: 0})
    time.wall += 5000
    call()
    expect(document().columns.answered).toEqual([1, 1])
  })

  test('memory does not grow with calls', () => {
    const {call, document} = world()
    for (let n = 0; n < 200_000; n++) call({outcome: n % 2 === 0 ? 'answered' : 'undelivered'})
    expect(document().columns.answered).toEqual([100_000])
    expect(JSON.stringify(document()).length).toBeLessThan(2000)
  })
})

describe('a channel', () => {
  test('forgets what is older than five minutes', () => {
    const {time, series, call} = world()
    call({ms: 100})
    call({outcome: 'error', failure: 'refused'})
    expect(series.channel('main')).toMatchObject({calls: 2, failures: 1})
    time.wall += 7 * 60_000
    expect(series.channel('main')).toEqual({calls: 0, failures: 0, p50: null, p95: null})
  })

  test('that does not exist is not counted: names come from the wire', () => {
    const {series, call} = world()
    for (let n = 0; n < 1000; n++) call({channel: `made up ${n}`})
    expect(series.channel('made up 5').calls).toBe(0)
  })
})

test('the newest failures are kept, with what to look for', () => {
  const {series, call} = world()
  for (let n = 0; n < 100; n++) call({requestId: `r${n}`, outcome: 'error', failure: 'refused', status: 502})
  expect(series.failures()).toHaveLength(20)
  expect(series.failures().at(-1)).toEqual({
    id: 'r99',
    at: new Date(START).toISOString(),
    channel: 'main',
    method: 'tools/call',
    outcome: 'error',
    status: 502,
    failure_class: 'refused',
  })
})
