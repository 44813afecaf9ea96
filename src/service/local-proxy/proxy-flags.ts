// What the flags of `dev proxy` mean together, with the reference's words where they contradict each other.

import {TunnelError} from '../../foundation/errors/index.ts'
import {
  type ListenTarget,
  parseDuration,
  parseListenAddr,
  SOCKET_PATH_NEXT,
  socketPathProblem,
} from '../../foundation/platform/index.ts'
import type {LocalProxyTarget} from './options.ts'

/** The flags as they were given. */
export interface ProxyFlags {
  /** There must be none. */
  readonly positionals: readonly string[]
  /** Undefined: not given. */
  readonly listen: string | undefined
  readonly listenUnixSocket: string | undefined
  readonly backend: string
  readonly engineQueueBackend: string
  readonly duration: string
  readonly readinessTimeout: string
  readonly responseTimeout: string
  readonly clientLastSeenTimeout: string
  readonly target: LocalProxyTarget
}

/** The same as values. */
export interface ProxySettings {
  readonly listen: ListenTarget
  /** 0: until a signal. */
  readonly durationMs: number
  readonly readinessTimeoutMs: number
  readonly responseTimeoutMs: number
  readonly clientLastSeenMs: number
}

const refuse = (message: string, ...next: string[]): TunnelError => new TunnelError('TC-CLI-USAGE', message, {next})

/** Reads and checks them. Throws `TC-CLI-USAGE`. */
export function readProxyFlags(flags: ProxyFlags): ProxySettings {
  const {target, positionals} = flags
  if (positionals.length > 0) throw refuse(`unexpected arguments: ${positionals.join(' ')}`, 'Give flags only')
  if (flags.listenUnixSocket && flags.listen !== undefined) {
    throw refuse('--listen and --listen-unix-socket are mutually exclusive', 'Leave out one of them')
  }
  if (target.profile && target.profileFile) {
    throw refuse('--profile and --profile-file are mutually exclusive', 'Leave out one of them')
  }
  checkBackend(flags)
  if (!target.serverUrls?.length && !target.commands?.length && !target.profile && !target.profileFile) {
    throw refuse(
      'set --mcp-server-url, --mcp-command, --profile, or --profile-file',
      'For example --mcp-command "npx -y @modelcontextprotocol/server-everything"',
    )
  }
  return {
    listen: listenTarget(flags),
    durationMs: milliseconds('duration', flags.duration),
    readinessTimeoutMs: milliseconds('readiness-timeout', flags.readinessTimeout) || 10_000,
    responseTimeoutMs: milliseconds('response-timeout', flags.responseTimeout) || 30_000,
    clientLastSeenMs: milliseconds('client-last-seen-timeout', flags.clientLastSeenTimeout) || 20_000,
  }
}

function listenTarget({listen = '127.0.0.1:0', listenUnixSocket}: ProxyFlags): ListenTarget {
  if (listenUnixSocket) {
    const tooLong = socketPathProblem(listenUnixSocket)
    if (tooLong === null) return {unixSocket: listenUnixSocket}
    throw refuse(`--listen-unix-socket ${JSON.stringify(listenUnixSocket)} ${tooLong}`, SOCKET_PATH_NEXT)
  }
  const address = parseListenAddr(listen)
  if (address === null) throw refuse(`--listen ${JSON.stringify(listen)} is not host:port`, 'Write 127.0.0.1:0')
  return address
}

/** The reference knows a second engine, written in Rust; there is one here, and no Redis. */
function checkBackend({backend, engineQueueBackend}: ProxyFlags): void {
  const next = 'Leave out --backend and --engine-queue-backend'
  if (!['auto', 'go', 'rust'].includes(backend)) {
    throw refuse(`unknown local proxy backend ${JSON.stringify(backend)} (supported: auto, rust, go)`, next)
  }
  if (!['inmem', 'redis'].includes(engineQueueBackend)) {
    throw refuse(`unknown engine queue backend ${JSON.stringify(engineQueueBackend)} (supported: inmem, redis)`, next)
  }
  if (backend === 'rust') throw refuse('rust local proxy backend is unavailable in this build', next)
  if (engineQueueBackend === 'redis') {
    throw refuse(
      backend === 'go'
        ? 'go local proxy backend does not support redis engine queue backend'
        : 'redis engine queue backend requires the rust local proxy backend, but rust is unavailable in this build',
      next,
    )
  }
}

/** Durations that are not positive mean the default, silently, as with the reference. */
function milliseconds(flag: string, text: string): number {
  const parsed = parseDuration(text)
  if (parsed.ok) return Math.max(0, parsed.ms)
  throw refuse(
    `invalid argument ${JSON.stringify(text)} for "--${flag}" flag: ${parsed.problem}`,
    'Write for example 30s',
  )
}
