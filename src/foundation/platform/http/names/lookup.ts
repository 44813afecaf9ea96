// Names to addresses exactly as getaddrinfo would, without ever holding the process behind a silent DNS server.

import {isIP} from 'node:net'
import type {Clock} from '../../clock.ts'
import {lateTimer} from '../../time/late-check.ts'
import {type Cause, cause, classifyResolve} from '../classify.ts'
import {fastPathPlan} from './fast-path.ts'
import {createResidentResolver} from './resident-resolver.ts'
import {searchQuery} from './search-query.ts'
import {hostsAddresses} from './system-files.ts'

/** How a lookup ended. */
export type LookupResult =
  | {readonly addresses: readonly string[]; readonly source: string}
  | {readonly addresses: null; readonly cause: Cause}

/** Name lookups of one door. */
export interface Lookup {
  /** Calls `done` once, within the budget, never before it returns. The returned function makes it not call at all. */
  resolve(host: string, done: (result: LookupResult) => void): () => void
  /** Ends the helper process. Lookups under way fail. */
  close(): void
}

/** What {@link createLookup} needs. */
export interface LookupOptions {
  readonly clock: Clock
  /** Milliseconds for one lookup, all servers and both families together. */
  readonly budgetMs: number
}

interface Flight {
  readonly waiting: Set<(result: LookupResult) => void>
  cancel(): void
}

/** Lookups with one helper process, started when first needed. Callers of the same name at the same time share one. */
export function createLookup({clock, budgetMs}: LookupOptions): Lookup {
  const resident = createResidentResolver()
  const flights = new Map<string, Flight>()

  const start = (host: string): Flight => {
    const abort = new AbortController()
    const deadline = clock.now() + budgetMs
    const waiting: Flight['waiting'] = new Set()
    /** What the fast path has seen, which says more than the helper's "not found". */
    let noted: Cause | null = null

    const settle = (result: LookupResult): void => {
      if (flights.get(host) !== flight) return
      flights.delete(host)
      cancelBudget()
      abort.abort()
      for (const done of waiting) done(result)
    }
    const cancelBudget = lateTimer(budgetMs, () =>
      settle({addresses: null, cause: noted ?? cause('dns_timeout', `no answer for ${host} in ${budgetMs} ms`)}),
    )
    const flight: Flight = {
      waiting,
      cancel() {
        if (flights.get(host) === flight) flights.delete(host)
        cancelBudget()
        abort.abort()
      },
    }
    flights.set(host, flight)

    const run = async (): Promise<LookupResult> => {
      const own = loopbackName(host) ? await loopback(host) : null
      if (own) return own
      const plan = fastPathPlan()
      if (plan) {
        const listed = await hostsAddresses(host)
        if (listed.length > 0) return {addresses: listed, source: 'hosts file'}
        const found = await searchQuery({
          name: host,
          conf: plan,
          budgetMs: deadline - clock.now(),
          signal: abort.signal,
        })
        if (found.addresses.length > 0) return {addresses: found.addresses, source: `DNS ${found.name}`}
        noted = cause(classifyResolve(found.code), `${host} ${found.code}`, found.code)
      }
      const answer = await resident.lookup(host, {budgetMs: deadline - clock.now(), signal: abort.signal})
      if (answer.addresses.length > 0) return {addresses: answer.addresses, source: 'getaddrinfo'}
      if (noted) return {addresses: null, cause: noted}
      return {addresses: null, cause: cause(classifyResolve(answer.code), `${host} ${answer.code}`, answer.code)}
    }
    run().then(settle, (thrown) => {
      const detail = thrown instanceof Error ? thrown.message : String(thrown)
      settle({addresses: null, cause: noted ?? cause('dns_server_failed', `${host}: ${detail}`)})
    })
    return flight
  }

  return {
    resolve(host, done) {
      const flight = flights.get(host) ?? start(host)
      flight.waiting.add(done)
      return () => {
        flight.waiting.delete(done)
        if (flight.waiting.size === 0) flight.cancel()
      }
    },
    close() {
      for (const flight of [...flights.values()]) flight.cancel()
      resident.close()
    },
  }
}

/** `localhost` and what is below it never leave this machine (RFC 6761). */
function loopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return name === 'localhost' || name.endsWith('.localhost')
}

async function loopback(host: string): Promise<LookupResult> {
  const listed = (await hostsAddresses(host)).filter((address) => isIP(address))
  return listed.length > 0
    ? {addresses: listed, source: 'hosts file'}
    : {addresses: ['127.0.0.1', '::1'], source: 'loopback'}
}
