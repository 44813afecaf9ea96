// A socket path may be free, stale or in use; only a stale one may be taken over.

import {lstat, rm} from 'node:fs/promises'
import {connect} from 'node:net'
import {dirname} from 'node:path'
import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {makeFolders} from '../../../foundation/platform/index.ts'

const PROBE_MS = 100
const OTHER_PATH = 'choose another --health.unix-socket'

/** Makes `path` free to listen on: its folder exists (0755) and a socket that nobody serves is gone. */
export async function freeSocketPath(path: string): Promise<void> {
  const folder = dirname(path)
  await makeFolders(folder, 0o755).catch((thrown) => {
    throw taken(`create health unix socket dir ${folder}: ${messageOf(thrown)}`, OTHER_PATH)
  })
  const found = await lstat(path).catch(() => null)
  if (!found) return
  if (!found.isSocket()) throw taken(`health unix socket path ${path} exists and is not a unix socket`, OTHER_PATH)
  const seen = await probe(path)
  if (seen === 'accepting') {
    throw taken(
      `health unix socket path ${path} is already accepting connections`,
      `Stop that process, or ${OTHER_PATH}`,
    )
  }
  if (seen !== 'stale') throw taken(`probe health unix socket ${path}: ${seen}`, OTHER_PATH)
  await rm(path, {force: true})
}

const taken = (message: string, next: string): TunnelError =>
  new TunnelError('TC-DAEMON-START', message, {next: [`${next[0]!.toUpperCase()}${next.slice(1)}`]})

/** `accepting`, `stale`, or what else happened. */
function probe(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({path})
    const settle = (seen: string): void => {
      socket.destroy()
      resolve(seen)
    }
    socket.setTimeout(PROBE_MS, () => settle('timed out'))
    socket.once('connect', () => settle('accepting'))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'stale' : messageOf(error)),
    )
  })
}
