// A pool of connections to one destination: hands requests to idle connections, opens more up to the limit, lets the rest
// wait in order, and replaces what died.

import type {Clock, Instant} from '../clock.ts'
import type {TimerWheel} from '../time/timer-wheel.ts'
import {type Cause, cause} from './classify.ts'
import {type ConnectPlan, target} from './connect/connector.ts'
import {joined} from './connect/race.ts'
import {Exchange, type ExchangeOwner} from './exchange.ts'
import {fetchReply} from './fetch.ts'
import {Slot, type SlotOwner} from './slot.ts'
import type {DestinationSpec, HttpDestination, TraceStep} from './types.ts'

/** Most connections of a destination that does not say. */
const CONNECTIONS = 256

/** An exchange that got no answer for so long casts doubt on idle connections. */
const DOUBTFUL_MS = 2_000
/** Who has answered within this time is not doubted. */
const PROVEN_MS = 1_000

/** Without a file descriptor or a port to spare, a request waits so long for one, trying this often. */
const LIMIT_PATIENCE_MS = 30_000
const LIMIT_RETRY_MS = 25

/** What a destination needs of its door. */
export interface DestinationOptions {
  readonly spec: DestinationSpec
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly plan: ConnectPlan
  /** Called once when it is closed. */
  readonly onClosed: () => void
}

/** A destination without any connection yet. */
export function createDestination({spec, clock, wheel, plan, onClosed}: DestinationOptions): HttpDestination {
  const limit = spec.connections ?? CONNECTIONS
  const {host, port} = target(spec.origin)
  const waiting = new Set<Exchange>()
  const slots = new Set<Slot>()
  const idle: Slot[] = []
  let newest: Slot | null = null
  let closing = false
  let retrying = false
  let closed: Promise<void> | null = null

  const discard = (slot: Slot, why: Cause): Promise<void> => {
    const at = idle.lastIndexOf(slot)
    if (at >= 0) idle.splice(at, 1)
    slots.delete(slot)
    return slot.destroy(why)
  }

  const run = (slot: Slot, exchange: Exchange, now: Instant): void => {
    slot.since = now
    slot.run(exchange)
  }

  const start = (exchange: Exchange, fresh: boolean, looked = false): void => {
    const free = fresh ? undefined : idle.at(-1)
    const now = clock.now()
    if (free && !looked && !exchange.request.idempotent && now - free.since >= PROVEN_MS) {
      lookFirst(exchange)
    } else if (free) {
      idle.pop()
      run(free, exchange, now)
    } else if (slots.size < limit) {
      const slot = new Slot(slotOwner)
      slots.add(slot)
      run(slot, exchange, now)
    } else {
      waiting.add(exchange)
    }
  }

  /**
   * Servers close what rests too long, and that may lie unread here when the loop has been busy: what must not be sent twice
   * is not written before the loop has read once more. (undici waits one turn itself, which ends before the next reading.)
   */
  const lookFirst = (exchange: Exchange): void => {
    waiting.add(exchange)
    setImmediate(() => {
      if (waiting.delete(exchange)) start(exchange, false, true)
    })
  }

  const next = (): Exchange | undefined => {
    const [first] = waiting
    if (first) waiting.delete(first)
    return first
  }

  /**
   * Whatever sits between (a firewall that restarted, an address translation that forgot) drops old connections without
   * a word, all of them at once. Who trusted the next idle one after a silence would wait as long again, and again.
   */
  const doubt = (silent: Slot): void => {
    const now = clock.now()
    if (now - silent.since < DOUBTFUL_MS) return
    for (const slot of idle.filter(({since}) => since <= now - PROVEN_MS)) void discard(slot, cause('closed', ''))
  }

  /** Whoever is done hands its connection on; when nobody is, a new one is tried now and then. */
  const retryLater = (): void => {
    if (retrying) return
    retrying = true
    wheel.at(clock.now() + LIMIT_RETRY_MS, () => {
      retrying = false
      const exchange = idle.length > 0 || slots.size < limit ? next() : undefined
      if (exchange) start(exchange, false)
      if (waiting.size > 0) retryLater()
    })
  }

  const slotOwner: SlotOwner = {
    plan,
    origin: spec.origin.origin,
    dialed(slot) {
      newest = slot
    },
    lost(slot) {
      void discard(slot, cause('closed', ''))
    },
  }

  const exchangeOwner: ExchangeOwner = {
    clock,
    wheel,
    where: spec.unixSocket === undefined ? `${spec.origin.protocol}//${joined(host, port)}` : `unix:${spec.unixSocket}`,
    servername: host,
    release(slot) {
      slot.release()
      const exchange = next()
      if (exchange) return run(slot, exchange, clock.now())
      slot.since = clock.now()
      idle.push(slot)
    },
    drop(exchange, why) {
      waiting.delete(exchange)
      const {slot} = exchange
      if (!slot) return
      void discard(slot, why)
      if (exchange.written && !exchange.headSeen && !closing) doubt(slot)
      const follower = closing ? undefined : next()
      if (follower) start(follower, false)
    },
    postpone(exchange) {
      exchange.limitedSince ??= clock.now()
      if (closing || clock.now() - exchange.limitedSince > LIMIT_PATIENCE_MS) return false
      const {slot} = exchange
      exchange.slot = null
      if (slot) void discard(slot, cause('local_limit', ''))
      waiting.add(exchange)
      retryLater()
      return true
    },
    again(exchange) {
      exchange.slot = null
      start(exchange, true)
    },
  }

  const destination: HttpDestination = {
    spec,
    stream(request, sink) {
      const exchange = new Exchange(exchangeOwner, request, sink)
      if (closing) {
        exchange.end(cause('canceled', 'the destination is closed'))
        return exchange
      }
      start(exchange, false)
      return exchange
    },
    fetch: (request, options) => fetchReply(destination, request, options),
    trace: (): readonly TraceStep[] => [...(newest?.steps ?? [])],
    close() {
      closing = true
      closed ??= (async () => {
        for (const exchange of [...waiting]) exchange.abort()
        const ended: Promise<void>[] = []
        for (const slot of [...slots]) {
          slot.exchange?.abort()
          ended.push(discard(slot, cause('canceled', '')))
        }
        await Promise.all(ended)
        onClosed()
      })()
      return closed
    },
  }
  return destination
}
