// The operator surface of this daemon: which facts it shows, its files, and the lines that say where it is.

import {randomBytes} from 'node:crypto'
import type {TunnelConfig} from '../../../foundation/config/index.ts'
import {messageOf} from '../../../foundation/errors/index.ts'
import {type Logger, type LogWriter, type Releases, Secret} from '../../../foundation/platform/index.ts'
import {createOpsServer, type OpsAddress, type OpsSources, writeTokenFile, writeUrlFile} from '../../ops/index.ts'

const CLOSE_GRACE_MS = 500

/** What {@link openSurface} needs. */
export interface SurfaceOptions {
  readonly config: TunnelConfig
  readonly writer: LogWriter
  readonly sources: OpsSources
  /** Receives what has to be undone. */
  readonly undo: Releases
  /** Called before anything says where the surface is. */
  readonly onAddress: (address: OpsAddress) => void
}

/** Binds, writes the files, then logs: watchers read each file once, when they see its line. */
export async function openSurface({config, writer, sources, undo, onAddress}: SurfaceOptions): Promise<void> {
  const log: Logger = writer.logger.child({component: 'health'})
  const {health} = config
  // New for every run. Routes that change something will ask for it.
  const operatorToken = new Secret(randomBytes(32).toString('hex'))
  const server = await createOpsServer({
    listen: health,
    allowRemote: config.adminUi.allowRemote,
    showDetails: health.showDetails,
    sources,
    onDefect: (error) => log.error('operator request failed', {error: messageOf(error)}),
  })
  undo.add('health server', () => server.close(CLOSE_GRACE_MS))
  onAddress(server.address)
  const {url, listenAddr} = server.address
  if (health.urlFile !== null) {
    const token = await writeTokenFile(health.urlFile, operatorToken.reveal())
    undo.add('operator token file', () => token.remove())
    const file = await writeUrlFile(health.urlFile, url)
    undo.add('health URL file', () => file.remove())
  }
  if (health.urlFile !== null) {
    log.info(`🩺 HEALTH URL: ${url} (written to ${health.urlFile})`, {url, path: health.urlFile})
  }
  log.info('health server listening', {addr: listenAddr})
}
