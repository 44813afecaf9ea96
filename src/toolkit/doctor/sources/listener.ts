// May the daemon bind its operator surface? Tried on TCP for a moment; a unix socket is only looked at, nothing is written.

import {access, constants, lstat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {messageOf} from '../../../foundation/errors/index.ts'
import {createHttpServer, type HttpDoor, parseListenAddr} from '../../../foundation/platform/index.ts'
import {type DaemonStatus, somebodyListens, unixHealthUrl} from '../../live/index.ts'
import {listenUrl} from './daemon-proof.ts'

/** What a bind would meet. */
export type ListenerState =
  /** `url` is where it would be reachable; with port 0 the one that was tried. */
  | {readonly state: 'free'; readonly kind: 'tcp'; readonly url: string; readonly ephemeral: boolean}
  | {readonly state: 'free'; readonly kind: 'unix'; readonly path: string; readonly stale: boolean}
  /** Our own running daemon holds it. */
  | {readonly state: 'ours'; readonly url: string; readonly pid: number | null}
  | {readonly state: 'taken'; readonly address: string; readonly message: string; readonly kind: 'tcp' | 'unix'}

/** The health settings, and what is known already. */
export interface ListenerQuestion {
  readonly listenAddr: string
  readonly unixSocket: string | null
  readonly daemon: DaemonStatus | null
  readonly door: HttpDoor
}

/** Looks. Never rejects for a reason that lies in the address. */
export const inspectListener = (question: ListenerQuestion): Promise<ListenerState> =>
  question.unixSocket === null ? inspectTcp(question) : inspectUnix(question.unixSocket, question)

async function inspectTcp({listenAddr, daemon}: ListenerQuestion): Promise<ListenerState> {
  const wanted = parseListenAddr(listenAddr)
  if (wanted === null)
    return {state: 'taken', kind: 'tcp', address: listenAddr, message: `${listenAddr} is not host:port`}
  const {port} = wanted
  try {
    const server = await createHttpServer({listen: wanted, routes: []})
    const bound = server.address.kind === 'tcp' ? server.address.port : port
    await server.close()
    const url = listenUrl(listenAddr.replace(/:\d+$/, `:${bound}`)) ?? ''
    return {state: 'free', kind: 'tcp', url, ephemeral: port === 0}
  } catch (thrown) {
    const url = listenUrl(listenAddr)
    if (daemon !== null && url !== null && samePort(daemon.baseUrl, url)) {
      return {state: 'ours', url: daemon.baseUrl, pid: daemon.pid}
    }
    return {state: 'taken', kind: 'tcp', address: listenAddr, message: bindText(listenAddr, thrown)}
  }
}

const BIND_TEXTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
}

/** As the reference says it, because scripts look for `address already in use`. */
function bindText(address: string, thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const text = BIND_TEXTS[(cause as NodeJS.ErrnoException).code ?? '']
  return text === undefined ? messageOf(thrown) : `listen tcp ${address}: bind: ${text}`
}

const samePort = (a: string, b: string): boolean => new URL(a).port === new URL(b).port

async function inspectUnix(path: string, {daemon, door}: ListenerQuestion): Promise<ListenerState> {
  const taken = (message: string): ListenerState => ({state: 'taken', kind: 'unix', address: path, message})
  const url = unixHealthUrl(path)
  const found = await lstat(path).catch(() => null)
  if (found === null) {
    const barrier = await unwritableFolder(dirname(path))
    return barrier === null ? {state: 'free', kind: 'unix', path, stale: false} : taken(barrier)
  }
  if (!found.isSocket()) return taken(`health unix socket path ${path} exists and is not a unix socket`)
  if (daemon !== null && daemon.baseUrl === url) return {state: 'ours', url, pid: daemon.pid}
  if (await somebodyListens(url, {door}))
    return taken(`health unix socket path ${path} is already accepting connections`)
  return {state: 'free', kind: 'unix', path, stale: true}
}

/** Why the folder cannot take a socket; null when it can, or when `run` can make it. */
async function unwritableFolder(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await lstat(at).catch(() => null)
    if (found === null && dirname(at) !== at) continue
    if (found !== null && !found.isDirectory() && !found.isSymbolicLink()) return `mkdir ${at}: not a directory`
    return await access(at, constants.W_OK | constants.X_OK).then(
      () => null,
      () => `listen unix ${folder}: permission denied (${at})`,
    )
  }
}
