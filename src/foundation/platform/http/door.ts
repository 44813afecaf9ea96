// The one HTTP door. Whoever speaks HTTP outward, daemon, doctor or command, does it through here, so that they all take
// the same way and name the same failures.
//
// What callers may rely on: redirects are never followed; bodies stay Buffers; a request settles by its deadline whatever
// the connection does; nothing is sent twice unless it is `idempotent` and the kept-alive connection was dead before any
// byte came back; what failed comes with a class and with the trace of the connection.

import {type Clock, systemClock} from '../clock.ts'
import {createTimerWheel} from '../time/timer-wheel.ts'
import type {RungBudgets} from './connect/connector.ts'
import {tlsIdentity} from './connect/tls-layer.ts'
import {createDestination} from './destination.ts'
import {createLookup} from './names/lookup.ts'
import type {HttpDestination, HttpDoor} from './types.ts'

/** What {@link createHttpDoor} takes. */
export interface HttpDoorOptions {
  readonly clock?: Clock
  /**
   * Milliseconds that each rung of a connection may take. Default: resolve 2500, connect 10000, tls 10000, and quiet 0:
   * a doctor sets 150 there, to see TLS 1.3 refuse a client certificate, which comes after the handshake.
   */
  readonly budgets?: Partial<RungBudgets>
}

const BUDGETS: RungBudgets = {resolve: 2500, connect: 10_000, tls: 10_000, quiet: 0}

/** A door without destinations. Nothing is opened or started before the first request. */
export function createHttpDoor(options: HttpDoorOptions = {}): HttpDoor {
  const clock = options.clock ?? systemClock
  const budgets = {...BUDGETS, ...options.budgets}
  const wheel = createTimerWheel({clock})
  const lookup = createLookup({clock, budgetMs: budgets.resolve})
  const open = new Set<HttpDestination>()
  return {
    destination(spec) {
      const plan = {spec, clock, budgets, lookup, identity: tlsIdentity(spec)}
      const destination = createDestination({spec, clock, wheel, plan, onClosed: () => open.delete(destination)})
      open.add(destination)
      return destination
    },
    async close() {
      await Promise.all([...open].map((destination) => destination.close()))
      lookup.close()
    },
  }
}
