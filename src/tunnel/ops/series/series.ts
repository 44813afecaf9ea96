// What happened lately, for pages that draw it: two rings (5 s for an hour, 1 min for a day), fed by calls as they end and
// by a look at the gauges once a second, five times as often while calls run.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import {type Clock, residentBytes} from '../../../foundation/platform/index.ts'
import type {ChangeDocument, FailedCallDocument} from '../api/index.ts'
import type {SeriesDocument} from '../api/series.ts'
import {ChannelTraffic, type RecentTraffic} from './channel-traffic.ts'
import {type CallColumn, type Gauges, SeriesRing} from './series-ring.ts'

/** A call that is over. */
export interface EndedCall {
  readonly requestId: string
  readonly channel: string
  readonly method: string | null
  readonly outcome: string
  readonly status: number | null
  readonly failure: FailureClass | null
  /** The poll's answer that brought it, and its end; milliseconds on one clock. */
  readonly polledAt: number
  readonly endedAt: number | null
}

/** Where the gauges come from. */
export type GaugeSource = () => Omit<Gauges, 'event_loop_lag_ms' | 'rss_bytes'>

/** The memory of the last day. */
export interface Series {
  /** Cheap: it runs for every call. */
  ended(call: EndedCall): void
  document(range: SeriesDocument['range'], more: Pick<SeriesDocument, 'limits' | 'changes'>): SeriesDocument
  /** Of the last five minutes. */
  channel(name: string): RecentTraffic
  /** The newest calls that did not end well, oldest first. */
  failures(): readonly FailedCallDocument[]
  /** The longest delay of a timer within the last minute, in milliseconds. */
  lag(): number
  /** Starts looking. `onLook` is called after each look. */
  start(onLook: () => void): void
  stop(): void
}

const QUIET_MS = 1000
const BUSY_MS = 200
const KEPT_FAILURES = 20
const LAG_WINDOW_MS = 60_000
const COLUMNS: ReadonlySet<string> = new Set<CallColumn>([
  'answered',
  'error',
  'refused',
  'cancelled',
  'expired',
  'undelivered',
  'aborted',
])
/** Ends that nobody has to be told of. */
const FINE: ReadonlySet<string> = new Set(['answered', 'cancelled'])

/** Empty series. `channels`: names that are counted for themselves; calls to others are not. */
export function createSeries(options: {
  readonly clock: Clock
  readonly channels: readonly string[]
  readonly gauges: GaugeSource
}): Series {
  const {clock, gauges} = options
  const fine = new SeriesRing({stepMs: 5000, slots: 720, wall: clock.wall()})
  const coarse = new SeriesRing({stepMs: 60_000, slots: 1440, wall: clock.wall()})
  const traffic = new Map(options.channels.map((name) => [name, new ChannelTraffic()]))
  const failures: FailedCallDocument[] = []
  let timer: NodeJS.Timeout | null = null
  let due = 0
  let calls = 0
  let worst = 0
  let worstAt = Number.NEGATIVE_INFINITY

  const advance = (): void => {
    const wall = clock.wall()
    fine.advance(wall)
    coarse.advance(wall)
  }
  const noteLag = (lag: number): void => {
    const now = clock.now()
    if (lag < worst && now - worstAt <= LAG_WINDOW_MS) return
    worst = lag
    worstAt = now
  }
  const look = (onLook: () => void): void => {
    const lag = Math.max(0, clock.now() - due)
    noteLag(lag)
    advance()
    const measured = {...gauges(), rss_bytes: residentBytes(), event_loop_lag_ms: lag}
    fine.measure(measured)
    coarse.measure(measured)
    const busy = calls > 0 || measured.running > 0
    calls = 0
    onLook()
    plan(busy ? BUSY_MS : QUIET_MS, onLook)
  }
  const plan = (ms: number, onLook: () => void): void => {
    due = clock.now() + ms
    timer = setTimeout(look, ms, onLook).unref()
  }

  return {
    ended: (call) => {
      calls += 1
      advance()
      const column = (COLUMNS.has(call.outcome) ? call.outcome : 'error') as CallColumn
      const counts = call.endedAt !== null && (column === 'answered' || column === 'error')
      const ms = counts ? (call.endedAt as number) - call.polledAt : null
      fine.call(column, ms)
      coarse.call(column, ms)
      const failed = !FINE.has(call.outcome)
      traffic.get(call.channel)?.add(clock.wall(), {failed, ms})
      if (!failed) return
      if (failures.length === KEPT_FAILURES) failures.shift()
      failures.push({
        id: call.requestId,
        at: new Date(clock.wall()).toISOString(),
        channel: call.channel,
        method: call.method,
        outcome: call.outcome,
        status: call.status,
        failure_class: call.failure,
      })
    },
    document: (range, more) => {
      advance()
      const ring = range === '24h' ? coarse : fine
      const {fromMs, slots, columns} = ring.read(range === '15m' ? 180 : ring.slots)
      const from = fromMs - ring.stepMs
      return {
        schema_version: 1,
        range,
        step_ms: ring.stepMs,
        from_ms: fromMs,
        slots,
        columns,
        limits: more.limits,
        changes: more.changes.filter((change: ChangeDocument) => Date.parse(change.at) >= from),
      }
    },
    channel: (name) => traffic.get(name)?.recent(clock.wall()) ?? {calls: 0, failures: 0, p50: null, p95: null},
    failures: () => failures,
    lag: () => (clock.now() - worstAt > LAG_WINDOW_MS ? 0 : worst),
    start: (onLook) => {
      if (timer === null) plan(QUIET_MS, onLook)
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  }
}
