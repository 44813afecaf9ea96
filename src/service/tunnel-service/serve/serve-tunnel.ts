// Runs a tunnel service until it is told to stop, and takes away what it put on disk.

import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {TunnelError} from '../../../foundation/errors/index.ts'
import {releases, removeFile, useRoomyHeap, writeFileAtomic} from '../../../foundation/platform/index.ts'
import {createTunnelService} from '../create-tunnel-service.ts'
import type {TunnelServiceOptions} from '../options.ts'
import {infoText, type ServiceInfo, serviceInfo} from './announce.ts'

/** What {@link serveTunnel} needs. */
export interface ServeOptions extends TunnelServiceOptions {
  /** Where the info file goes (0600); `private`: into a folder of its own below the system's; null: nowhere. */
  readonly infoFile: string | 'private' | null
  /** Called when everything listens; `infoFile` is where the info file is. */
  readonly onUp: (up: {info: ServiceInfo; infoFile: string | null}) => void
  /** Ends the service. */
  readonly stop: AbortSignal
}

/** Resolves when the service has ended and its files are gone (the state file stays). Rejects like createTunnelService. */
export async function serveTunnel({infoFile, onUp, stop, ...options}: ServeOptions): Promise<void> {
  useRoomyHeap()
  const opened = releases()
  try {
    const service = await createTunnelService(options)
    opened.add('tunnel service', () => service.close())
    const info = serviceInfo(service)
    const path = await placeOf(infoFile, opened.add)
    if (path !== null) {
      // Only what was written is removed: at a path that was refused stands something else.
      await writeInfo(path, info)
      opened.add('info file', () => removeFile(path))
    }
    onUp({info, infoFile: path})
    if (!stop.aborted) await new Promise((ended) => stop.addEventListener('abort', ended, {once: true}))
  } finally {
    await opened.release()
  }
}

async function placeOf(
  infoFile: string | null,
  add: (name: string, close: () => Promise<void>) => void,
): Promise<string | null> {
  if (infoFile !== 'private') return infoFile === null ? null : resolve(infoFile)
  const folder = await mkdtemp(join(tmpdir(), 'tunnel-service-'))
  add('info folder', () => rm(folder, {recursive: true, force: true}))
  return join(folder, 'service.json')
}

async function writeInfo(path: string, info: ServiceInfo): Promise<void> {
  try {
    await writeFileAtomic({path, data: `${infoText(info)}\n`, mode: 0o600, parentMode: 0o700})
  } catch (thrown) {
    throw new TunnelError('TC-SERVICE-START', `cannot write ${path}: ${(thrown as Error).message}`, {
      next: ['Choose another path for --info-file'],
      cause: thrown,
    })
  }
}
