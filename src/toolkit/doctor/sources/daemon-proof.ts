// A running daemon of this tunnel knows more than any probe: its polls are taken, or they are not.

import type {TunnelConfig} from '../../../foundation/config/index.ts'
import {type HttpDoor, parseListenAddr} from '../../../foundation/platform/index.ts'
import {
  type DaemonStatus,
  readDaemonStatus,
  readHealthUrlFile,
  somebodyListens,
  unixHealthUrl,
} from '../../live/index.ts'

/** Fresh proof that the service takes this tunnel's polls. */
export interface DaemonProof {
  readonly pid: number | null
  /** Milliseconds since the newest accepted poll. */
  readonly ageMs: number
}

/** Looks where this configuration puts its operator surface; null when no daemon of the same tunnel answers there. */
export async function findDaemon(config: TunnelConfig, door: HttpDoor): Promise<DaemonStatus | null> {
  const {urlFile, unixSocket, listenAddr} = config.health
  const urls = [
    urlFile === null ? null : await readHealthUrlFile(urlFile),
    unixSocket === null ? listenUrl(listenAddr) : unixHealthUrl(unixSocket),
  ].filter((url) => url !== null)
  const seen = await Promise.all([...new Set(urls)].map((url) => readDaemonStatus(url, {door})))
  return seen.find((daemon) => daemon?.tunnelId === config.controlPlane.tunnelId) ?? null
}

/** The address in the health URL file, when somebody listens there; null otherwise. For when {@link findDaemon} found nobody. */
export async function findSilent({health}: TunnelConfig, door: HttpDoor): Promise<string | null> {
  const url = health.urlFile === null ? null : await readHealthUrlFile(health.urlFile)
  return url !== null && (await somebodyListens(url, {door})) ? url : null
}

/** What `/readyz` says when it is the control plane that is in the way. */
const CONTROL_PLANE = 'control plane '

/** The daemon's newest accepted poll, if it is younger than a poll may take. */
export function proofOf(daemon: DaemonStatus | null, config: TunnelConfig, now: number): DaemonProof | null {
  if (daemon === null || daemon.lastPollAt === null || daemon.pollFailing) return null
  // An accepted poll proves nothing when the daemon itself doubts the service, for example its identity.
  if (!daemon.ready && daemon.readyText.startsWith(CONTROL_PLANE)) return null
  if (daemon.controlPlaneBaseUrl !== null && !sameOrigin(daemon.controlPlaneBaseUrl, config.controlPlane.baseUrl)) {
    return null
  }
  const ageMs = Math.max(0, now - daemon.lastPollAt)
  const {pollTimeout, pollDeadlineGuardrail} = config.controlPlane
  return ageMs <= pollTimeout + pollDeadlineGuardrail ? {pid: daemon.pid, ageMs} : null
}

/** Where a listener at `host:port` can be asked; null for port 0. */
export function listenUrl(listenAddr: string): string | null {
  const parsed = parseListenAddr(listenAddr)
  if (parsed === null || parsed.port === 0) return null
  const {host, port} = parsed
  const reachable = host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function sameOrigin(text: string, base: URL): boolean {
  try {
    return new URL(text).origin === base.origin
  } catch {
    return false
  }
}
