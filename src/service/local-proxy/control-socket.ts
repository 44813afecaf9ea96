// The way between the two halves of a local tunnel: a socket that only this user can open, else loopback TCP.

import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {messageOf} from '../../foundation/errors/index.ts'
import type {ListenTarget, Releases} from '../../foundation/platform/index.ts'
import {createTunnelService, type TunnelService, type TunnelServiceOptions} from '../tunnel-service/index.ts'

/** Starts the service with its control listener on a private socket; where that fails, on a loopback port. */
export async function startService(options: {
  readonly service: Omit<TunnelServiceOptions, 'control'>
  readonly undo: Releases
  readonly warn: (line: string) => void
}): Promise<TunnelService> {
  const start = async (control: ListenTarget): Promise<TunnelService> => {
    const service = await createTunnelService({...options.service, control})
    options.undo.add('tunnel service', () => service.close())
    return service
  }
  if (process.platform === 'win32') return await start({host: '127.0.0.1', port: 0})
  const folder = await mkdtemp(join(tmpdir(), 'tunnel-client-'))
  options.undo.add('control socket folder', () => rm(folder, {recursive: true, force: true}))
  const unixSocket = join(folder, 'control.sock')
  try {
    return await start({unixSocket})
  } catch (thrown) {
    if (!messageOf(thrown).includes(unixSocket)) throw thrown
    options.warn(
      `warning: local proxy unix control-plane listener unavailable; falling back to TCP: ${messageOf(thrown)}`,
    )
    return await start({host: '127.0.0.1', port: 0})
  }
}
