// The connect race of RFC 8305, by ourselves: Node's own drops an attempt after 250 ms, so a slow good address in front of
// a dead one never connects.

import {connect, isIPv6, type Socket} from 'node:net'
import type {Clock, Instant} from '../../clock.ts'
import {lateTimer} from '../../time/late-check.ts'
import {type Cause, cause, classifyConnect, codeOf} from '../classify.ts'

/** The next address starts this long after the previous one, which goes on. */
const STAGGER_MS = 250

/** Reads of up to 64 KiB at once. Node takes it for sockets too, its types do not know. */
export const BIG_READS: object = {highWaterMark: 64 * 1024}

/** What to connect to. */
export interface RaceOptions {
  /** IP addresses, in the resolver's order. At least one. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly clock: Clock
  readonly budgetMs: number
  /** See `DestinationSpec.probeAfter`. */
  readonly probeAfter: number
}

/** How a race ended. */
export type RaceResult =
  | {readonly socket: Socket; readonly detail: string}
  | {readonly socket: null; readonly cause: Cause}

interface Try {
  readonly address: string
  readonly began: Instant
  readonly socket: Socket
  /** Stays on a socket that lost: it may still report an error. */
  readonly onError: (error: Error) => void
  failed: {code: string; ms: number} | null
}

/** Connects to whichever address answers first. The returned function gives up and closes every socket, at any time. */
export function raceConnect(options: RaceOptions, done: (result: RaceResult) => void): () => void {
  const {port, clock, budgetMs, probeAfter} = options
  const waiting = interleaved(options.addresses)
  const tries: Try[] = []
  let over = false
  let stagger: NodeJS.Timeout | null = null

  const stop = (keep: Socket | null): void => {
    over = true
    if (stagger) clearTimeout(stagger)
    cancelBudget()
    for (const {socket} of tries) if (socket !== keep) socket.destroy()
  }

  const launch = (): void => {
    if (stagger) clearTimeout(stagger)
    stagger = null
    const address = waiting.shift()
    if (address === undefined) return
    const socket = connect({host: address, port, autoSelectFamily: false, noDelay: true, ...BIG_READS})
    const onError = (error: Error): void => lost(one, codeOf(error) || 'ERROR')
    const one: Try = {address, began: clock.now(), socket, onError, failed: null}
    tries.push(one)
    socket.on('error', one.onError)
    socket.once('connect', () => won(one))
    if (waiting.length > 0) stagger = setTimeout(launch, STAGGER_MS)
  }

  const won = (one: Try): void => {
    if (over) return
    stop(one.socket)
    one.socket.off('error', one.onError)
    one.socket.setKeepAlive(true, probeAfter)
    const others = tries.filter((other) => other !== one).map(wording)
    done({socket: one.socket, detail: [`connected to ${joined(one.address, port)}`, ...others].join('; ')})
  }

  const lost = (one: Try, code: string): void => {
    if (over) return
    one.failed = {code, ms: clock.now() - one.began}
    if (waiting.length > 0) launch()
    else if (tries.every(({failed}) => failed)) finish()
  }

  const finish = (): void => {
    if (over) return
    stop(null)
    done({socket: null, cause: verdict(tries, budgetMs)})
  }

  const cancelBudget = lateTimer(budgetMs, finish)
  launch()
  return () => {
    if (!over) stop(null)
  }
}

/** Families alternate, beginning with that of the first address. */
export function interleaved(addresses: readonly string[]): string[] {
  const first = addresses.filter((address) => isIPv6(address) === isIPv6(addresses[0] ?? ''))
  const second = addresses.filter((address) => isIPv6(address) !== isIPv6(addresses[0] ?? ''))
  const mixed: string[] = []
  for (let at = 0; at < Math.max(first.length, second.length); at += 1) {
    if (first[at] !== undefined) mixed.push(first[at]!)
    if (second[at] !== undefined) mixed.push(second[at]!)
  }
  return mixed
}

/** `1.2.3.4:80`, `[::1]:80`. */
export function joined(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

const wording = ({address, failed}: Try): string => `${address} ${failed ? failed.code : 'no answer yet'}`

/** Where several addresses failed differently, the class that says most. */
const TELLING = [
  'local_limit',
  'local_policy',
  'refused',
  'reset',
  'filtered',
  'host_absent',
  'black_hole',
  'no_route',
  'internal',
] as const

function verdict(tries: readonly Try[], budgetMs: number): Cause {
  const seen = tries.map((one) => ({
    v6: isIPv6(one.address),
    code: one.failed?.code ?? '',
    failure: one.failed ? classifyConnect(one.failed.code, one.failed.ms) : ('black_hole' as const),
  }))
  // A host without IPv6 fails its v6 addresses at once; that says nothing when there were v4 addresses too.
  const v4 = seen.some(({v6}) => !v6)
  const counted = seen.filter(
    ({v6, failure, code}) => !(v4 && v6 && (failure === 'no_route' || code === 'EADDRNOTAVAIL')),
  )
  const telling =
    TELLING.map((failure) => counted.find((one) => one.failure === failure)).find((one) => one) ?? counted[0]
  const detail = tries
    .map(({address, failed}) => `${address} ${failed ? failed.code : `no answer in ${budgetMs} ms`}`)
    .join(', ')
  return cause(telling?.failure ?? 'internal', detail, telling?.code || undefined)
}
