// A pool of connections to one destination: hands requests to idle connections, opens more up to the limit, lets the rest
// wait in order, and replaces what died.

import type {Clock} from '../clock.ts'
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
  let closed: Promise<void> | null = null

  const discard = (slot: Slot, why: Cause): Promise<void> => {
    const at = idle.lastIndexOf(slot)
    if (at >= 0) idle.splice(at, 1)
    slots.delete(slot)
    return slot.destroy(why)
  }

  const start = (exchange: Exchange, fresh: boolean): void => {
    const free = fresh ? undefined : idle.pop()
    if (free) {
      free.run(exchange)
    } else if (slots.size < limit) {
      const slot = new Slot(slotOwner)
      slots.add(slot)
      slot.run(exchange)
    } else {
      waiting.add(exchange)
    }
  }

  const next = (): Exchange | undefined => {
    const [first] = waiting
    if (first) waiting.delete(first)
    return first
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
      if (exchange) slot.run(exchange)
      else idle.push(slot)
    },
    drop(exchange, why) {
      waiting.delete(exchange)
      const {slot} = exchange
      if (!slot) return
      void discard(slot, why)
      const follower = closing ? undefined : next()
      if (follower) start(follower, false)
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
