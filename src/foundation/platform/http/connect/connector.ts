// From a destination to a usable socket: route, resolve, connect, tls, each with its own time-out, its own failure class
// and a line in the trace. It is ours because undici's connectors neither obey aborts nor tell what broke.

import {connect, isIP, type Socket} from 'node:net'
import type {Clock} from '../../clock.ts'
import {lateTimer} from '../../time/late-check.ts'
import {type Cause, cause, classifyUnix, codeOf} from '../classify.ts'
import type {Lookup} from '../names/lookup.ts'
import type {DestinationSpec} from '../types.ts'
import {BIG_READS, joined, raceConnect} from './race.ts'
import {handshake, type TlsIdentity} from './tls-layer.ts'
import {createTrace, type Trace} from './trace.ts'

/** Milliseconds that each rung may take. */
export interface RungBudgets {
  readonly resolve: number
  readonly connect: number
  readonly tls: number
  /** Silence after a TLS handshake, in which late refusals come; part of no budget. */
  readonly quiet: number
}

/** Everything a connection attempt needs to know. */
export interface ConnectPlan {
  readonly spec: DestinationSpec
  readonly clock: Clock
  readonly budgets: RungBudgets
  readonly lookup: Lookup
  readonly identity: TlsIdentity
}

/** One attempt under way, or ended. */
export interface ConnectAttempt {
  readonly trace: Trace
  /** Gives up: closes every socket, notes `why` on the rung that was under way, and never calls `done`. */
  abort(why: Cause): void
}

/** A socket that HTTP can be spoken on, or why there is none. */
export type ConnectResult = {readonly socket: Socket} | {readonly socket: null; readonly cause: Cause}

/** See {@link DestinationSpec.probeAfter}. */
const PROBE_AFTER_MS = 60_000

/** Longest unix socket path: the kernel's field less its final zero. */
const UNIX_PATH_MAX = process.platform === 'linux' ? 107 : 103

/** Starts connecting. `done` is called once, never before this returns, and not at all after `abort`. */
export function startConnect(plan: ConnectPlan, done: (result: ConnectResult) => void): ConnectAttempt {
  const {spec, clock, budgets, lookup, identity} = plan
  const {host, port, secure} = target(spec.origin)
  const trace = createTrace(clock)
  let over = false
  let cancel: () => void = () => {}

  const finish = (socket: Socket): void => {
    over = true
    done({socket})
  }
  const fail = (failed: Cause): void => {
    over = true
    trace.fail(failed.failure, failed.detail)
    done({socket: null, cause: failed})
  }

  const viaUnix = (path: string): void => {
    trace.begin('route')
    trace.pass(`unix socket ${path}`)
    trace.begin('connect')
    cancel = connectUnix({path, budgetMs: budgets.connect}, (result) => {
      if (!result.socket) return fail(result.cause)
      trace.pass(`connected to ${path}`)
      encrypt(result.socket)
    })
  }

  const direct = (): void => {
    trace.begin('route')
    trace.pass(`direct to ${joined(host, port)}`)
    if (isIP(host)) {
      race([host])
      return
    }
    trace.begin('resolve')
    cancel = lookup.resolve(host, (result) => {
      if (!result.addresses) return fail(result.cause)
      trace.pass(`${result.source}: ${result.addresses.join(', ')}`)
      race(result.addresses)
    })
  }

  const race = (addresses: readonly string[]): void => {
    trace.begin('connect')
    const {probeAfter = PROBE_AFTER_MS} = spec
    cancel = raceConnect({addresses, port, clock, budgetMs: budgets.connect, probeAfter}, (result) => {
      if (!result.socket) return fail(result.cause)
      trace.pass(result.detail)
      encrypt(result.socket)
    })
  }

  const encrypt = (socket: Socket): void => {
    if (!secure) {
      finish(socket)
      return
    }
    trace.begin('tls')
    cancel = handshake(
      {socket, host: host.replace(/\.$/, ''), identity, budgetMs: budgets.tls, quietMs: budgets.quiet},
      (result) => {
        if (!result.socket) return fail(result.cause)
        trace.pass(result.detail)
        finish(result.socket)
      },
    )
  }

  if (spec.unixSocket !== undefined) viaUnix(spec.unixSocket)
  else direct()
  return {
    trace,
    abort(why) {
      if (over) return
      over = true
      cancel()
      trace.fail(why.failure, why.detail)
    },
  }
}

/** Host without brackets (a trailing dot stays: it means no search list), port, and whether TLS is spoken. */
export function target(origin: URL): {host: string; port: number; secure: boolean} {
  const secure = origin.protocol === 'https:'
  const host = origin.hostname.startsWith('[') ? origin.hostname.slice(1, -1) : origin.hostname
  return {host, port: origin.port ? Number(origin.port) : secure ? 443 : 80, secure}
}

function connectUnix(
  {path, budgetMs}: {path: string; budgetMs: number},
  done: (result: ConnectResult) => void,
): () => void {
  let over = false
  let socket: Socket | null = null
  const finish = (result: ConnectResult): void => {
    if (over) return
    over = true
    cancelBudget()
    if (!result.socket) socket?.destroy()
    done(result)
  }
  const cancelBudget = lateTimer(budgetMs, () =>
    finish({socket: null, cause: cause('timeout_connect', `${path} did not accept in ${budgetMs} ms`)}),
  )
  const bytes = Buffer.byteLength(path)
  if (bytes > UNIX_PATH_MAX) {
    // The kernel would say ENOENT, which sends people looking for a missing file.
    const detail = `${path} has ${bytes} bytes, at most ${UNIX_PATH_MAX} are possible`
    queueMicrotask(() => finish({socket: null, cause: cause('socket_path_too_long', detail)}))
  } else {
    const dialed = connect({path, ...BIG_READS})
    socket = dialed
    const onError = (error: Error): void => {
      const code = codeOf(error)
      finish({socket: null, cause: cause(classifyUnix(code), `${path} ${code}`, code)})
    }
    dialed.on('error', onError)
    dialed.once('connect', () => {
      if (over) return
      dialed.off('error', onError)
      finish({socket: dialed})
    })
  }
  return () => {
    over = true
    cancelBudget()
    socket?.destroy()
  }
}
