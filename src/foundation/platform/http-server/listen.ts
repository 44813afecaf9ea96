// Binding a server to its address: stale socket files are removed, live ones are not, and failures say what to do.

import {chmodSync, lstatSync, unlinkSync} from 'node:fs'
import {connect, type Server} from 'node:net'
import {dirname} from 'node:path'
import {TunnelError} from '../../errors/index.ts'
import {makeFolders} from '../files/make-folders.ts'
import type {ListenTarget} from '../http-server.ts'
import {SOCKET_PATH_NEXT, socketPathProblem} from './socket-path.ts'

/** Binds `server`. Rejects with `TC-LISTEN`, which names the address and the reason. */
export async function listenOn(server: Server, target: ListenTarget): Promise<void> {
  if (!('unixSocket' in target)) {
    await bind(server, () => server.listen({host: target.host, port: target.port}), `${target.host}:${target.port}`)
    return
  }
  const path = target.unixSocket
  const tooLong = socketPathProblem(path)
  if (tooLong !== null)
    throw new TunnelError('TC-LISTEN', `cannot listen on ${path}: it ${tooLong}`, {next: [SOCKET_PATH_NEXT]})
  await makeFolders(dirname(path), 0o700)
  await removeStale(path)
  // The umask decides the mode at creation; narrowing it leaves no moment in which others could connect. Node binds
  // within listen(), so nobody else's files are touched.
  const listenPrivately = (): void => {
    const umask = process.umask(0o177)
    try {
      server.listen({path})
    } finally {
      process.umask(umask)
    }
  }
  await bind(server, listenPrivately, path)
  chmodSync(path, target.mode ?? 0o600)
}

function bind(server: Server, listen: () => void, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(refusal(error, shown))
    server.once('error', failed)
    server.once('listening', () => {
      server.off('error', failed)
      resolve()
    })
    listen()
  })
}

const REASONS: Readonly<Record<string, {why: string; next: string}>> = {
  EADDRINUSE: {
    why: 'it is in use',
    next: 'Stop the other process, or choose another address (port 0 takes a free one)',
  },
  EACCES: {why: 'this user may not use it', next: 'Choose a port above 1023, or a directory you may write to'},
  EADDRNOTAVAIL: {why: 'this host has no such address', next: 'Listen on 127.0.0.1, or on an address of this host'},
  ENOTFOUND: {why: 'the host name is not known', next: 'Listen on 127.0.0.1, or on an address of this host'},
  EINVAL: {why: 'the path or address is not usable', next: 'Choose a shorter path, or another address'},
}

function refusal(error: NodeJS.ErrnoException, shown: string): TunnelError {
  const reason = REASONS[error.code ?? ''] ?? {why: error.message, next: 'Choose another address'}
  return new TunnelError('TC-LISTEN', `cannot listen on ${shown}: ${reason.why}`, {next: [reason.next], cause: error})
}

async function removeStale(path: string): Promise<void> {
  let isSocket: boolean
  try {
    isSocket = lstatSync(path).isSocket()
  } catch {
    return
  }
  const next = ['Choose another path, or remove that file yourself']
  if (!isSocket) throw new TunnelError('TC-LISTEN', `cannot listen on ${path}: a file is in the way`, {next})
  if (await answers(path)) throw new TunnelError('TC-LISTEN', `cannot listen on ${path}: another process does`, {next})
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({path})
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
