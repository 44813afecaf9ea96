// Asks one daemon about its calls.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {createHttpDoor, type HttpDestination, printable} from '../../../foundation/platform/index.ts'
import type {CallDetailDocument, CallListDocument} from '../../../tunnel/ops/index.ts'
import {daemonDestination, type HealthTarget, parseHealthUrl, shownUrl} from '../health-url.ts'
import {type DaemonLocator, locate} from '../locator.ts'
import {getLimited} from '../probe.ts'
import {readCallDetail, readCallList, readRefusal} from './call-schema.ts'

/** Which calls. */
export interface CallFilter {
  /** 1 to 500. */
  readonly limit: number
  readonly channel?: string | undefined
  /** Only those that did not end well. */
  readonly failed?: boolean
}

/** A daemon that can be asked. */
export interface CallsClient {
  readonly baseUrl: string
  /** The newest calls, or with `after` those that something happened to since. @throws TunnelError `TC-LIVE-…` */
  list(filter: CallFilter, after?: number): Promise<CallListDocument>
  /** @throws TunnelError `TC-LIVE-CALL` when there is no such call, or several. */
  detail(id: string): Promise<CallDetailDocument>
}

const TIMEOUT_MS = 3_000
const MOST_BYTES = 16 * 1024 * 1024
const AS_ITS_USER = {next: ['Run this as the user that runs the daemon']}

/** Finds the daemon and lends a client for as long as `work` takes. @throws TunnelError `TC-CLI-USAGE`, `TC-LIVE-UNREACHABLE` */
export async function withCallsClient<T>(
  locator: DaemonLocator,
  work: (client: CallsClient) => Promise<T>,
): Promise<T> {
  const {resolved_base_url: url, error} = await locate(locator)
  if (url === undefined) {
    const isDenied = error?.endsWith('permission denied') === true
    throw new TunnelError('TC-LIVE-UNREACHABLE', `no daemon found: ${error}`, isDenied ? AS_ITS_USER : {})
  }
  const target = parseHealthUrl(url)
  if (target === null) {
    throw new TunnelError('TC-LIVE-UNREACHABLE', `${JSON.stringify(shownUrl(url))} is no address of a daemon`)
  }
  const door = createHttpDoor()
  const destination = daemonDestination(door, target)
  try {
    return await work(clientOf(destination, target))
  } finally {
    await destination.close()
    await door.close()
  }
}

function clientOf(destination: HttpDestination, target: HealthTarget): CallsClient {
  const ask = async (path: string): Promise<{status: number; document: unknown}> => {
    const {status, body, failure} = await getLimited({destination, target, path, timeoutMs: TIMEOUT_MS}, MOST_BYTES)
    if (failure !== null) {
      const message = `no daemon answers at ${target.baseUrl}: ${failure.message}`
      throw new TunnelError('TC-LIVE-UNREACHABLE', message, failure.failure === 'socket_mode' ? AS_ITS_USER : {})
    }
    if (status === 403) {
      throw new TunnelError('TC-LIVE-ANSWER', `the daemon at ${target.baseUrl} answers its own host only`, {
        next: ['Run this on the host of the daemon, with its loopback address'],
      })
    }
    return {status, document: parsed(body)}
  }
  const foreign = (status: number): TunnelError =>
    new TunnelError('TC-LIVE-ANSWER', `${target.baseUrl} does not tell of its calls (status ${status})`)
  return {
    baseUrl: target.baseUrl,
    list: async ({limit, channel, failed}, after) => {
      const query = new URLSearchParams({
        limit: String(limit),
        ...(channel === undefined ? {} : {channel}),
        ...(failed ? {outcome: 'failed'} : {}),
        ...(after === undefined ? {} : {after: String(after)}),
      })
      const {status, document} = await ask(`/api/calls?${query}`)
      const list = status === 200 ? await readCallList(document) : null
      if (list !== null) return list
      const refusal = await readRefusal(document)
      throw refusal === null ? foreign(status) : new TunnelError('TC-CLI-USAGE', refusal.message)
    },
    detail: async (id) => {
      const {status, document} = await ask(`/api/calls/${encodeURIComponent(id)}`)
      const detail = status === 200 ? await readCallDetail(document) : null
      if (detail !== null) return detail
      const refusal = await readRefusal(document)
      if (refusal === null) throw foreign(status)
      const candidates = refusal.candidates.map(printable)
      const next = candidates.map((candidate) => `Run tunnel-client trace ${candidate} --url ${target.baseUrl}`)
      throw new TunnelError(
        'TC-LIVE-CALL',
        `${JSON.stringify(id)}: ${[printable(refusal.message), candidates.join(', ')].filter(Boolean).join(': ')}`,
        next.length === 0 ? {} : {next},
      )
    },
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
