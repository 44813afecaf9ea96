// Everything heavy that a client needs, loaded when it starts: importing the package must cost next to nothing.

import {createIdentity} from '../../../foundation/platform/index.ts'
import {createDaemon, type Daemon, type DaemonLog, openDaemonLog} from '../../../tunnel/daemon/index.ts'
import {createLogBuffer} from '../../../tunnel/ops/index.ts'
import {nowhere, silentWriter, tell} from '../logging.ts'
import type {TunnelClientSettings} from '../options.ts'
import {packageVersion} from '../version.ts'
import {clientConfig} from './client-config.ts'
import {attrsInOptionNames} from './option-names.ts'

/** A client that runs. */
export interface OpenClient {
  readonly daemon: Daemon
  readonly healthUrl: string | null
  /** How long a stop drains when nobody says otherwise, in milliseconds. */
  readonly drainTimeout: number
  /** Stops the daemon, then its log. Rejects with `TC-DAEMON-STOP`. Idempotent. */
  stop(request: {readonly drainMs: number; readonly now?: AbortSignal}): Promise<void>
}

/** Starts a daemon. Rejects with a TunnelError, after everything that had been started is stopped again. */
export async function openClient(
  settings: TunnelClientSettings,
  hooks: {readonly signal: AbortSignal; readonly onDaemon: (daemon: Daemon) => void; readonly onChange: () => void},
): Promise<OpenClient> {
  const {config, servers, childEnv} = await clientConfig(settings)
  const identity = createIdentity(await packageVersion())
  const {logger, health} = settings
  const wanted = logger !== undefined || health !== undefined || config.log.file !== null
  const log: DaemonLog = wanted
    ? await openDaemonLog({
        config,
        identity,
        stream: nowhere(),
        onRecord: (record) => tell(logger, {...record, attrs: attrsInOptionNames(record.attrs, settings)}),
      })
    : {writer: silentWriter, buffer: createLogBuffer(1)}
  const closeLog = async (): Promise<void> => {
    await log.writer.flush()
    await log.writer.close()
  }
  const daemon = createDaemon({
    config,
    identity,
    log,
    servers,
    surface: health === undefined ? 'none' : 'configured',
    env: childEnv,
    stderr: {write: (chunk) => sayStderr(log, chunk)},
    onChange: hooks.onChange,
  })
  hooks.onDaemon(daemon)
  try {
    const {health: healthUrl} = await daemon.start(hooks.signal)
    return {
      daemon,
      healthUrl,
      drainTimeout: config.process.drainTimeout,
      stop: async (request) => {
        try {
          await daemon.stop(request)
        } finally {
          await closeLog()
        }
      },
    }
  } catch (thrown) {
    await closeLog()
    throw thrown
  }
}

/** What the program of an MCP server says on stderr is a record like others. */
function sayStderr({writer}: DaemonLog, chunk: Buffer): void {
  if (!writer.logger.enabled('info')) return
  for (const line of chunk.toString('utf8').split(/\r?\n/)) {
    if (line.trim() !== '') writer.logger.info('MCP server stderr', {line})
  }
}
