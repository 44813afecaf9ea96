// Opens one channel as the daemon would, shakes hands, and closes it again. A child process is disposable here.

import type {McpBinding, TunnelConfig} from '../../../foundation/config/index.ts'
import {type FailureClass, isTunnelError, messageOf} from '../../../foundation/errors/index.ts'
import {
  type ClientIdentity,
  type HttpDestination,
  type HttpDoor,
  type LogAttrs,
  type Logger,
  scrub,
  systemClock,
  type TraceStep,
} from '../../../foundation/platform/index.ts'
import {createChannels} from '../../../tunnel/channels/index.ts'
import {endpointElsewhere} from './endpoint-path.ts'
import {type Handshake, type HandshakeOutcome, shakeHands} from './handshake.ts'
import {type Broken, brokenAt, hopOf, type PathTrace} from './path-trace.ts'

/** What {@link visitMcpServer} needs. */
export interface McpVisit {
  readonly binding: McpBinding
  readonly config: TunnelConfig
  readonly door: HttpDoor
  readonly identity: ClientIdentity
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  /** Registers the closing of what was opened, for the case that the run ends before the visit does. */
  readonly onOpen: (close: () => Promise<void>) => void
}

const STDERR_LINES = 5
const STDERR_BYTES = 16 * 1024
/** How long the end of a child that broke off is waited for, to tell how it ended. */
const END_MS = 400

/** Visits once. Rejects only for defects. */
export async function visitMcpServer(visit: McpVisit): Promise<Handshake> {
  const {binding, config, identity, timeoutMs} = visit
  const {door, opened} = watchedDoor(visit.door)
  const stderr = lastLines()
  const diary = childDiary()
  const [channel] = createChannels({
    bindings: [binding],
    door,
    log: diary.log,
    clock: systemClock,
    identity: {name: identity.name, version: identity.version},
    extraHeaders: [...config.mcp.extraHeaders, ...config.mcp.discoveryExtraHeaders],
    extraCa: config.trust.caBundle?.pems ?? [],
    connectionMaxTtl: config.mcp.connectionMaxTtl,
    secretVariables: config.secretVariables,
    env: visit.env,
    stderr,
  })
  if (channel === undefined) throw new Error('a binding without a channel')
  const started = systemClock.now()
  visit.onOpen(() => channel.stop())
  try {
    await channel.start()
    const client = {name: identity.name, version: identity.version}
    const outcome = await shakeHands({channel, client, deadline: started + timeoutMs})
    if (outcome.kind === 'failed' && outcome.failure === 'child_exited') await diary.ended(END_MS)
    const destination = opened()
    const isLost = outcome.kind === 'failed' && (outcome.status === 404 || outcome.status === 405)
    if (!isLost || binding.kind !== 'http' || destination === undefined) return told(outcome)
    const {userAgent} = identity
    return told(
      outcome,
      await endpointElsewhere({url: binding.url, destination, userAgent, deadline: started + timeoutMs}),
    )
  } catch (thrown) {
    if (!isTunnelError(thrown)) throw thrown
    return told({kind: 'failed', failure: 'child_missing', status: 0, message: messageOf(thrown)})
  } finally {
    await channel.stop()
  }

  function told(outcome: HandshakeOutcome, elsewhere: string | null = null): Handshake {
    const ms = systemClock.now() - started
    const path = binding.kind === 'http' ? pathOf(binding, opened(), outcome) : null
    const garbage = diary.garbage()
    const child = {
      stderr: stderr.lines().map((line) => scrub(line)),
      garbage: garbage === null ? null : scrub(garbage),
      end: diary.end(),
    }
    return {outcome, path, ms, child, elsewhere}
  }
}

function pathOf(
  binding: Extract<McpBinding, {kind: 'http'}>,
  destination: HttpDestination | undefined,
  outcome: HandshakeOutcome,
): PathTrace {
  const hop = hopOf({origin: binding.url, unixSocket: binding.unixSocket})
  const steps = destination?.trace() ?? []
  if (outcome.kind === 'ok' || outcome.kind === 'auth') return {hop, steps, broken: null}
  if (outcome.kind === 'timeout') return {hop, steps, broken: stuckAt(steps, outcome.step)}
  const {failure, message, status} = outcome
  if (status !== 0) return {hop, steps, broken: null}
  const broken = brokenAt({trace: steps, failure, message})
  // What is wrong with a message belongs to the protocol rung, not to HTTP.
  return {hop, steps, broken: broken.rung === 'http' && /^(mcp_|child_)/.test(failure) ? null : broken}
}

const SLOW: Partial<Record<TraceStep['rung'], FailureClass>> = {
  resolve: 'dns_timeout',
  connect: 'timeout_connect',
  tls: 'tls_silent',
}

/** Time ran out before the connection stood: at which rung. After that it is the server that does not answer. */
function stuckAt(steps: readonly TraceStep[], asked: string): Broken | null {
  const step = steps.findLast(({ok}) => !ok)
  const failure = step && SLOW[step.rung]
  return step && failure ? {rung: step.rung, failure, message: `no answer to ${asked}`} : null
}

/** The same door, remembering the newest destination that was asked of it. */
function watchedDoor(door: HttpDoor): {door: HttpDoor; opened: () => HttpDestination | undefined} {
  let newest: HttpDestination | undefined
  return {
    door: {
      destination: (spec) => {
        newest = door.destination(spec)
        return newest
      },
      close: () => door.close(),
    },
    opened: () => newest,
  }
}

/** Reads from the channel's own log what it saw of the child. */
function childDiary(): {
  readonly log: Logger
  garbage(): string | null
  end(): string | null
  /** Resolves when the end has been told, or after `ms`. */
  ended(ms: number): Promise<void>
} {
  let garbage: string | null = null
  let end: string | null = null
  let told = (): void => {}
  const ending = new Promise<void>((resolve) => {
    told = resolve
  })
  const note = (_message: string, attrs: LogAttrs = {}): void => {
    if (typeof attrs.sample === 'string') garbage ??= attrs.sample
    if (typeof attrs.reason === 'string') end ??= attrs.reason
    if (end !== null) told()
  }
  const quiet = (): void => {}
  const log: Logger = {
    enabled: (level) => level === 'warn' || level === 'error',
    debug: quiet,
    info: quiet,
    warn: note,
    error: note,
    child: () => log,
  }
  return {
    log,
    garbage: () => garbage,
    end: () => end,
    ended: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        void ending.then(() => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
}

/** Keeps the end of a child's stderr. */
function lastLines(): {write: (chunk: Buffer) => void; lines: () => string[]} {
  let kept = Buffer.alloc(0)
  let isCut = false
  return {
    write: (chunk) => {
      isCut ||= kept.length + chunk.length > STDERR_BYTES
      kept = Buffer.concat([kept, chunk]).subarray(-STDERR_BYTES)
    },
    lines: () =>
      kept
        .toString('utf8')
        .split('\n')
        // What is left of a line that was cut may begin in the middle of a secret, which no mask fits.
        .slice(isCut ? 1 : 0)
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .slice(-STDERR_LINES),
  }
}
