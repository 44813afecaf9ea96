// The log of a daemon as the configuration asks for it: every record names the process and the tunnel, no record holds a
// secret of this configuration, and the newest records stay in memory for operators.

import type {TunnelConfig} from '../../../foundation/config/index.ts'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {type ClientIdentity, createLogWriter, type LogRecord} from '../../../foundation/platform/index.ts'
import {createLogBuffer} from '../../ops/index.ts'
import type {DaemonLog} from '../types.ts'

/** Opens it. Rejects with `TC-CONFIG-INVALID` when the log file cannot be opened. */
export async function openDaemonLog(options: {
  readonly config: TunnelConfig
  readonly identity: ClientIdentity
  /** Where lines go when no file is configured. Default: as the format says. */
  readonly stream?: NodeJS.WritableStream
  /** Receives every record, scrubbed. Must be quick and not throw. */
  readonly onRecord?: (record: LogRecord) => void
}): Promise<DaemonLog> {
  const {config, identity, stream, onRecord} = options
  const buffer = createLogBuffer(config.adminUi.logBufferEvents)
  try {
    const writer = await createLogWriter({
      level: config.log.level,
      format: config.log.format,
      file: config.log.file,
      ...(stream === undefined ? {} : {stream}),
      attrs: {client_instance_id: identity.instanceId, tunnel_id: config.controlPlane.tunnelId},
      onRecord: (record) => {
        buffer.push(record)
        onRecord?.(record)
      },
    })
    return {writer, buffer}
  } catch (thrown) {
    throw new TunnelError('TC-CONFIG-INVALID', `configure tunnel-client: open log file: ${messageOf(thrown)}`, {
      next: ['Choose a --log.file in a folder that this user may write to'],
      cause: thrown,
    })
  }
}
