// The life of `run`: start, stay until told to stop, stop in order. Whoever calls it decides what the signals are.

import type {TunnelConfig} from '../../../foundation/config/index.ts'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {type ClientIdentity, useRoomyHeap} from '../../../foundation/platform/index.ts'
import {createDaemon} from '../create-daemon.ts'
import type {DaemonLog} from '../types.ts'

/** What Ctrl-C or a defect may cost at most; SIGTERM grants the configured drain time. */
const INTERRUPT_DRAIN_MS = 4000
/** How long calls may finish when a channel has given up. */
const BROKEN_DRAIN_MS = 2000

/** Requests to stop, as abort signals. */
export interface StopRequests {
  /** The first request. */
  readonly asked: AbortSignal
  /** The second one: now. */
  readonly now: AbortSignal
  /** Which signal came first; null before it. */
  signal(): string | null
}

/** What {@link runDaemon} needs. */
export interface RunDaemonOptions {
  readonly config: TunnelConfig
  readonly identity: ClientIdentity
  readonly log: DaemonLog
  readonly stop: StopRequests
}

/**
 * Runs a daemon until it is told to stop. Resolves when it has stopped in order, also when it was told so during its
 * start. Rejects with a TunnelError whose message starts with `start tunnel-client: ` or `stop tunnel-client: `, or that
 * says why the daemon could not go on.
 */
export async function runDaemon({config, identity, log, stop}: RunDaemonOptions): Promise<void> {
  useRoomyHeap()
  const daemon = createDaemon({config, identity, log})
  try {
    if (stop.asked.aborted) return
    try {
      await daemon.start(stop.asked)
    } catch (thrown) {
      if (stop.asked.aborted) return
      throw prefixed('start tunnel-client: ', thrown)
    }
    const reason = await Promise.race([aborted(stop.asked), daemon.broken])
    if (reason !== null) log.writer.logger.error('giving up', {reason})
    const drainMs = reason === null ? drainTime(config, stop) : BROKEN_DRAIN_MS
    await daemon.stop({drainMs, now: stop.now}).catch((thrown) => {
      throw prefixed('stop tunnel-client: ', thrown)
    })
    if (reason !== null) {
      throw new TunnelError('TC-DAEMON-GAVE-UP', reason)
    }
  } finally {
    await log.writer.flush()
    await log.writer.close()
  }
}

const drainTime = (config: TunnelConfig, stop: StopRequests): number =>
  stop.signal() === 'SIGTERM' ? config.process.drainTimeout : Math.min(INTERRUPT_DRAIN_MS, config.process.drainTimeout)

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), {once: true})
  })
}

/** The same error with the prefix that scripts know. */
function prefixed(prefix: string, thrown: unknown): TunnelError {
  if (!(thrown instanceof TunnelError))
    return new TunnelError('TC-CLI-BUG', prefix + messageOf(thrown), {cause: thrown})
  const {code, next, origin, problems} = thrown
  return new TunnelError(code, prefix + thrown.message, {
    next,
    ...(origin === undefined ? {} : {origin}),
    problems,
    cause: thrown,
  })
}
