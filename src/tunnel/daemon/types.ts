// The contract of the daemon room: what starts one, what it shows, how it ends.

import type {TunnelConfig} from '../../foundation/config/index.ts'
import type {ClientIdentity, Clock, LogWriter} from '../../foundation/platform/index.ts'
import type {ChannelsOptions, MemoryBinding} from '../channels/index.ts'
import type {LogBuffer, PollFacts, Readiness} from '../ops/index.ts'

/** The log of one daemon: the writer, and the ring that operators read. */
export interface DaemonLog {
  readonly writer: LogWriter
  readonly buffer: LogBuffer
}

/** What a daemon is made of. */
export interface DaemonOptions {
  readonly config: TunnelConfig
  readonly identity: ClientIdentity
  readonly log: DaemonLog
  /** `none`: no operator surface, whatever the configuration says (its default is a fixed port). Default `configured`. */
  readonly surface?: 'configured' | 'none'
  readonly clock?: Clock
  /** What children inherit. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where the stderr of children goes. Default: this process's. */
  readonly stderr?: NonNullable<ChannelsOptions['stderr']>
  /** MCP servers in this very process, beside those of the configuration. Channel names are unique over both. */
  readonly servers?: readonly MemoryBinding[]
  /** Called when something happened that readiness may depend on. Must be quick and not throw. */
  readonly onChange?: () => void
}

/** Where a started daemon can be reached. */
export interface DaemonUrls {
  /** Base URL of the operator surface; null when it has none. */
  readonly health: string | null
}

/** How a daemon is told to stop. */
export interface StopRequest {
  /** How long calls may finish, in milliseconds; 0: at once. */
  readonly drainMs: number
  /** Aborted: stop waiting, end now. */
  readonly now?: AbortSignal
}

/** A daemon: one tunnel, its channels and its operator surface. */
export interface Daemon {
  /**
   * Starts everything, polling last. Resolves when commands are being asked for, which says nothing about readiness.
   * Rejects with a TunnelError, after everything that had been started is stopped again. `signal`: give up.
   */
  start(signal?: AbortSignal): Promise<DaemonUrls>
  /** Drains, then closes everything in reverse order. Rejects with `TC-DAEMON-STOP`. Idempotent. */
  stop(request: StopRequest): Promise<void>
  /** Resolves with the reason when the daemon cannot go on by itself. Stop it then. */
  readonly broken: Promise<string>
  readiness(): Readiness
  /** What is known of polling right now. */
  poll(): PollFacts
  /** Resolves when the first poll was accepted or has failed. */
  readonly pollSettled: Promise<void>
  /** Resolves when every channel's first probe has settled, whatever its result. */
  readonly probesSettled: Promise<void>
}
