// What a running daemon says of itself on /api/status, read with care: an older or foreign daemon may leave things out.

import {readFile} from 'node:fs/promises'
import {FAILURES} from '../../foundation/errors/index.ts'
import type {HttpDoor} from '../../foundation/platform/index.ts'
import {daemonDestination, normalizeHealthUrl, parseHealthUrl} from './health-url.ts'
import {getLimited} from './probe.ts'

/** One channel as the daemon sees it. */
export interface DaemonChannel {
  readonly name: string
  readonly kind: string | null
  /** The reference's words: pending, ok, auth-required, timeout, failed. */
  readonly probe: string | null
  readonly error: string | null
  /** Of a stdio channel: what was started. */
  readonly command: string | null
}

/** The parts of /api/status that others rely on; null where the daemon does not tell. */
export interface DaemonStatus {
  readonly baseUrl: string
  readonly tunnelId: string | null
  readonly instanceId: string | null
  readonly version: string | null
  readonly pid: number | null
  /** Who started it; its supervisor when it has one. */
  readonly supervisorPid: number | null
  /** Calls that were taken and are not answered yet. */
  readonly callsInFlight: number | null
  /** Milliseconds since the epoch of the newest poll that the service accepted. */
  readonly lastPollAt: number | null
  /** The newest poll was refused or could not be made. */
  readonly pollFailing: boolean
  readonly controlPlaneBaseUrl: string | null
  readonly channels: readonly DaemonChannel[]
  /** `/readyz` answered 2xx. */
  readonly ready: boolean
  readonly readyText: string
}

/** The address in a health URL file; null when it cannot be read or is blank. */
export async function readHealthUrlFile(path: string): Promise<string | null> {
  const url = normalizeHealthUrl(await readFile(path, 'utf8').catch(() => ''))
  return url === '' ? null : url
}

/** Does anybody accept connections at `url`? Takes at most `timeoutMs`. */
export async function somebodyListens(
  url: string,
  {door, timeoutMs = 500}: {door: HttpDoor; timeoutMs?: number},
): Promise<boolean> {
  const target = parseHealthUrl(url)
  if (target === null) return false
  const destination = daemonDestination(door, target)
  try {
    const {failure} = await getLimited({destination, target, timeoutMs, path: '/healthz'}, 4096)
    return failure === null || FAILURES[failure.failure].rung !== 'connect'
  } finally {
    await destination.close()
  }
}

const STATUS_BYTES = 1024 * 1024

/** Asks the daemon at `url`; null when nothing there answers like a tunnel-client. Takes at most `timeoutMs`. */
export async function readDaemonStatus(
  url: string,
  {door, timeoutMs = 500}: {door: HttpDoor; timeoutMs?: number},
): Promise<DaemonStatus | null> {
  const target = parseHealthUrl(url)
  if (target === null) return null
  const destination = daemonDestination(door, target)
  try {
    const question = {destination, target, timeoutMs}
    const [status, ready] = await Promise.all([
      getLimited({...question, path: '/api/status'}, STATUS_BYTES),
      getLimited({...question, path: '/readyz'}, 4096),
    ])
    if (status.failure !== null || status.status !== 200) return null
    const said = asRecord(safeParse(status.body))
    if (said === null || (!('client_instance_id' in said) && !('control_plane_tunnel_id' in said))) return null
    return {
      baseUrl: target.baseUrl,
      tunnelId: text(said.control_plane_tunnel_id),
      instanceId: text(said.client_instance_id),
      version: text(said.version),
      pid: number(said.pid),
      supervisorPid: number(said.supervisor_pid),
      callsInFlight: number(said.calls_in_flight),
      lastPollAt: instant(said.last_poll_at),
      pollFailing: asRecord(said.control_plane_poll)?.state === 'failing',
      controlPlaneBaseUrl: text(said.control_plane_base_url),
      channels: channelsOf(said.channels),
      ready: ready.failure === null && ready.status >= 200 && ready.status < 300,
      readyText: ready.failure?.message ?? ready.body.trim(),
    }
  } finally {
    await destination.close()
  }
}

function channelsOf(value: unknown): DaemonChannel[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry) => {
    const channel = asRecord(entry)
    const name = text(channel?.name)
    if (channel === null || name === null) return []
    return [
      {
        name,
        kind: text(channel.transport_kind),
        probe: text(channel.probe_status),
        error: text(channel.probe_error),
        command: detail(channel.details, 'command'),
      },
    ]
  })
}

function detail(details: unknown, key: string): string | null {
  if (!Array.isArray(details)) return null
  const entry = details.map(asRecord).find((pair) => pair?.key === key)
  return text(entry?.value)
}

function safeParse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

const asRecord = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

function instant(value: unknown): number | null {
  if (typeof value === 'number') return value > 0 ? value : null
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? null : parsed
}
