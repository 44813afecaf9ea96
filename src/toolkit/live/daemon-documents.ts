// The raw answers of a daemon, for those who show them as they are: endpoints, and the JSON pages of the operator surface.

import type {HttpDoor} from '../../foundation/platform/index.ts'
import {daemonDestination, parseHealthUrl} from './health-url.ts'
import {type EndpointProbe, getLimited, probeEndpoint, probePage} from './probe.ts'

/** What a daemon answered. `baseUrl` is empty when the URL is none. */
export interface DaemonAnswers {
  readonly baseUrl: string
  readonly healthz: EndpointProbe
  readonly readyz: EndpointProbe
  /** Address of its page for people; empty when it has none. */
  readonly ui: string
  /** `/api/status`; null when there is no such page or it is no JSON object. */
  readonly status: Readonly<Record<string, unknown>> | null
}

const PAGE_BYTES = 1024 * 1024

/** Asks all at once; takes at most `timeoutMs`. Never rejects. */
export async function askDaemon(
  url: string,
  {door, timeoutMs = 500}: {readonly door: HttpDoor; readonly timeoutMs?: number},
): Promise<DaemonAnswers> {
  const target = parseHealthUrl(url)
  if (target === null) return {baseUrl: '', healthz: {ok: false}, readyz: {ok: false}, ui: '', status: null}
  const destination = daemonDestination(door, target)
  try {
    const question = {destination, target, timeoutMs}
    const [healthz, readyz, ui = '', status] = await Promise.all([
      probeEndpoint({...question, path: '/healthz'}),
      probeEndpoint({...question, path: '/readyz'}),
      probePage(question),
      getLimited({...question, path: '/api/status'}, PAGE_BYTES),
    ])
    const page = status.failure === null && status.status === 200 ? jsonObject(status.body) : null
    return {baseUrl: target.baseUrl, healthz, readyz, ui, status: page}
  } finally {
    await destination.close()
  }
}

/** One JSON page, for example `/api/system`; null when it does not exist. Never rejects. */
export async function readDaemonPage(
  url: string,
  {door, path, timeoutMs = 500}: {readonly door: HttpDoor; readonly path: string; readonly timeoutMs?: number},
): Promise<Readonly<Record<string, unknown>> | null> {
  const target = parseHealthUrl(url)
  if (target === null) return null
  const destination = daemonDestination(door, target)
  try {
    const {failure, status, body} = await getLimited({destination, target, path, timeoutMs}, PAGE_BYTES)
    return failure === null && status === 200 ? jsonObject(body) : null
  } finally {
    await destination.close()
  }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
