// The first request to the tunnel service carries nothing secret: it shows whether the way leads to a tunnel service at all.

import {
  type HttpDestination,
  type HttpFailure,
  type HttpReply,
  systemClock,
} from '../../../foundation/platform/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'
import {brokenAt, hopOf, type PathTrace} from './path-trace.ts'

/** What came back. */
export interface AnonymousContact {
  readonly path: PathTrace
  /** Null when there was no complete reply. */
  readonly reply: HttpReply | null
  /** Its body as JSON; undefined when it is none. */
  readonly json: unknown
  readonly ms: number
  /** Milliseconds since the epoch at which the reply was complete. */
  readonly at: number
}

const BODY_BYTES = 64 * 1024

/** Asks for the tunnel without a key. Never rejects. */
export async function contactAnonymously(options: {
  readonly destination: HttpDestination
  readonly path: string
  readonly userAgent: string
  readonly timeoutMs: number
}): Promise<AnonymousContact> {
  const {destination, path, userAgent, timeoutMs} = options
  const {origin, unixSocket} = destination.spec
  const hop = hopOf({origin, unixSocket})
  const started = systemClock.now()
  const elapsed = (): number => systemClock.now() - started
  try {
    const reply = await destination.fetch(
      {
        method: 'GET',
        path,
        headers: ['Accept', 'application/json', 'User-Agent', userAgent],
        deadline: started + timeoutMs,
        idempotent: true,
      },
      {maxBytes: BODY_BYTES},
    )
    return {
      path: {hop, steps: destination.trace(), broken: null},
      reply,
      json: parsed(reply.body),
      ms: elapsed(),
      at: systemClock.wall(),
    }
  } catch (thrown) {
    if (!isHttpFailure(thrown)) throw thrown
    const steps = thrown.trace.length > 0 ? thrown.trace : destination.trace()
    const broken = brokenAt({trace: steps, failure: thrown.failure, message: thrown.message})
    return {path: {hop, steps, broken}, reply: null, json: undefined, ms: elapsed(), at: systemClock.wall()}
  }
}

/** The peer's clock minus ours; null without TLS, because anybody could have answered. Whole seconds are all it knows. */
export function skewOf({path, reply, at}: AnonymousContact): number | null {
  const verified = path.steps.some(({rung, ok}) => rung === 'tls' && ok)
  const date = reply === null ? null : headerOf(reply.headers, 'date')
  const said = verified && date !== null ? Date.parse(date) : Number.NaN
  return Number.isNaN(said) ? null : Math.round((said - at) / 1000) * 1000
}

const isHttpFailure = (thrown: unknown): thrown is Error & HttpFailure =>
  thrown instanceof Error && 'failure' in thrown && 'trace' in thrown

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
