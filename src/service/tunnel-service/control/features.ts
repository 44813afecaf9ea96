// What daemon and service can do beyond the reference's contract. Each side says so in a header and does nothing unasked:
// a daemon says what it can only after a poll answer said what we can.

import type {IncomingMessage} from 'node:http'

/**
 * On our poll answers: the name of this run. The callers of a run are gone with it, which only a daemon that was given no
 * time-out for their calls has to know.
 */
export const RUN_HEADER = 'X-Tunnel-Service-Run'

/** The header of our poll answers. */
export const FEATURES_HEADER = 'X-Tunnel-Service-Features'

/**
 * `cancel`: commands that end a call; `urgent`: polls with `only=urgent`, for what concerns running calls; `session_stream`:
 * callers that listen to what their server says outside of calls; `poll_receipts`: polls that say what became of the answers
 * to earlier ones; `stream_head`: a `jsonrpc_notify` without a message, which opens the stream of such a listener.
 */
export const SERVICE_FEATURES = 'cancel, urgent, session_stream, poll_receipts, stream_head'

const NONE: ReadonlySet<string> = new Set()

/** The words of `X-Tunnel-Client-Features`. */
export function clientFeatures({headers}: IncomingMessage): ReadonlySet<string> {
  const said = headers['x-tunnel-client-features']
  if (typeof said !== 'string') return NONE
  return new Set(said.split(',', 16).map((word) => word.trim().toLowerCase()))
}
