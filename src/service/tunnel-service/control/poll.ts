// GET …/poll: a daemon asks for work. With work it is answered at once; without, it is told by an interim 102 that its key
// was accepted and that it waits, which is what the daemon's readiness rests on.

import {normalizeChannel} from '../../../foundation/wire/index.ts'
import {ApiError} from '../api-error.ts'
import type {Poll} from '../hub/poll.ts'
import {clientFeatures, FEATURES_HEADER, RUN_HEADER, SERVICE_FEATURES} from './features.ts'
import {answerPoll} from './poll-answer.ts'
import {pollReceipt} from './receipt.ts'
import type {ControlCall} from './routes.ts'

const MAX_LIMIT = 25
const DEFAULT_WAIT_MS = 30_000
/** As long as the longest poll time-out that daemons can be given. */
const MAX_WAIT_MS = 600_000

/** Answers one poll. Throws {@link ApiError} 400 for a query that is not understood. */
export function handlePoll(call: ControlCall): void {
  const {tunnel, exchange, clientId, requestId, run, clock} = call
  const {response} = exchange
  const query = queryOf(exchange.request.url ?? '')
  let timer: NodeJS.Timeout | undefined
  const ended = (): void => {
    clearTimeout(timer)
    tunnel.hub.unpark(poll)
  }
  const poll: Poll = {
    limit: query.limit,
    channels: query.channels,
    clientId,
    features: clientFeatures(exchange.request),
    urgentOnly: query.urgentOnly,
    receipt: clientId === null ? null : pollReceipt(exchange.request),
    // Node ends its side as soon as it has read the other's end, and tells of the close later.
    alive: () => response.req.socket.writable,
    give: (commands) => {
      clearTimeout(timer)
      response.off('close', ended)
      answerPoll({hub: tunnel.hub, poll, commands, response, requestId, run, now: clock.now()})
    },
    end: () => {
      clearTimeout(timer)
      response.off('close', ended)
      response.writeHead(204, {'X-Request-Id': requestId, [FEATURES_HEADER]: SERVICE_FEATURES, [RUN_HEADER]: run})
      response.end()
    },
    refuse: (error) => {
      clearTimeout(timer)
      response.off('close', ended)
      call.refuse(error)
    },
    drop: () => {
      clearTimeout(timer)
      response.off('close', ended)
      response.destroy()
    },
  }
  whenRead(() => {
    if (!poll.alive() || !tunnel.hub.poll(poll)) return
    response.once('close', ended)
    timer = setTimeout(() => {
      tunnel.hub.unpark(poll)
      poll.end()
    }, query.waitMs)
    // HTTP/1.0 knows no interim answers.
    if (exchange.request.httpVersionMinor >= 1) response.writeProcessing()
  })
}

/**
 * Runs `then` when everything that had come on a connection is read. A daemon that gave up while this process stood still
 * has left its request and, behind it, its end; who looks at the request alone gives its commands to nobody. The end is
 * read one turn of the event loop after the request.
 */
function whenRead(then: () => void): void {
  setImmediate(() => setImmediate(then))
}

interface PollQuery {
  readonly limit: number
  readonly waitMs: number
  readonly channels: ReadonlySet<string> | null
  readonly urgentOnly: boolean
}

function queryOf(url: string): PollQuery {
  const at = url.indexOf('?')
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
  const limit = integerOf(query, 'limit') ?? MAX_LIMIT
  if (limit > MAX_LIMIT) throw new ApiError('invalid_request', `limit is larger than ${MAX_LIMIT}`, {param: 'limit'})
  const channels = new Set<string>()
  for (const raw of query.getAll('channel')) {
    const name = normalizeChannel(raw)
    if (name === null) {
      throw new ApiError('invalid_channel_format', `invalid channel ${JSON.stringify(raw.slice(0, 64))}`, {
        param: 'channel',
      })
    }
    channels.add(name)
  }
  return {
    limit,
    waitMs: Math.min(integerOf(query, 'timeout_ms') ?? DEFAULT_WAIT_MS, MAX_WAIT_MS),
    channels: channels.size > 0 ? channels : null,
    urgentOnly: urgentOnlyOf(query),
  }
}

function urgentOnlyOf(query: URLSearchParams): boolean {
  const only = query.get('only')
  if (only === null) return false
  if (only !== 'urgent') throw new ApiError('invalid_request', 'only can be urgent', {param: 'only'})
  return true
}

function integerOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)
  if (text === null || text === '') return null
  if (!/^\d{1,12}$/.test(text) || Number(text) < 1) {
    throw new ApiError('invalid_request', `${name} is not a positive integer`, {param: name})
  }
  return Number(text)
}
