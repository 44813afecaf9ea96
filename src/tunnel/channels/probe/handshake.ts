// Proves that an MCP server over HTTP would take a call now: the handshake of a client, then everything it opened is
// closed again. Both eras of the protocol: `initialize`, and `server/discover` where initialize is refused.

import {STATUS_CODES} from 'node:http'
import type {FailureClass} from '../../../foundation/errors/index.ts'
import {headerOf} from '../../../foundation/wire/index.ts'
import type {ChannelFailure, ServerIdentity} from '../channel.ts'
import type {ClientIdentity} from '../context.ts'
import type {ExchangeContext} from '../http/exchange.ts'
import {asRecord, asText, identityOf} from '../server-identity.ts'
import {type Asked, ask} from './ask.ts'

/** Newest revision with a handshake, and the one without. */
const SESSION_ERA = '2025-11-25'
const DISCOVER_ERA = '2026-07-28'
const META = 'io.modelcontextprotocol/'
/** How long the closing requests may take at most: they prove nothing, the server only ought to see them. */
const CLOSING_MS = 500

/** How an attempt ended. */
export type HandshakeResult =
  | {readonly result: 'ok'; readonly server: ServerIdentity}
  | {readonly result: 'auth_required'; readonly message: string}
  | {readonly result: 'timeout'; readonly message: string}
  | {readonly result: 'failed'; readonly message: string; readonly failure: FailureClass}

/** What an attempt needs. */
export interface HandshakeOptions {
  readonly context: ExchangeContext
  readonly identity: ClientIdentity
  /** For the whole attempt, in milliseconds. */
  readonly timeout: number
}

/** One attempt. Never rejects. */
export async function handshake(options: HandshakeOptions): Promise<HandshakeResult> {
  const {context, identity, timeout} = options
  const deadline = context.target.clock.now() + timeout
  const opening = await ask(context, {message: initialize(identity), headers: [], deadline})
  if (opening.outcome === 'timeout') return late(timeout)
  if (opening.outcome === 'failed' && opening.failure.status === 401) {
    return {result: 'auth_required', message: refusal('initialize', opening.failure)}
  }
  const result = opening.outcome === 'answered' ? asRecord(opening.rpc?.result) : null
  if (opening.outcome === 'answered' && result !== null) {
    const protocolVersion = asText(result.protocolVersion) || SESSION_ERA
    const sessionId = headerOf(opening.head.headers, 'mcp-session-id')
    const session = [
      'Mcp-Protocol-Version',
      protocolVersion,
      ...(sessionId === null ? [] : ['Mcp-Session-Id', sessionId]),
    ]
    const refused = await finish({context, session, deadline, timeout})
    return refused ?? {result: 'ok', server: identityOf(result, protocolVersion)}
  }
  const discovered = wantsDiscovery(opening) ? await discover({context, identity, deadline}) : null
  return discovered ?? {result: 'failed', ...whatFailed('initialize', opening)}
}

async function discover(given: {
  context: ExchangeContext
  identity: ClientIdentity
  deadline: number
}): Promise<HandshakeResult | null> {
  const {context, identity, deadline} = given
  const params = {
    _meta: {
      [`${META}protocolVersion`]: DISCOVER_ERA,
      [`${META}clientInfo`]: identity,
      [`${META}clientCapabilities`]: {},
    },
  }
  const asked = await ask(context, {
    message: {jsonrpc: '2.0', id: 2, method: 'server/discover', params},
    headers: ['Mcp-Protocol-Version', DISCOVER_ERA, 'Mcp-Method', 'server/discover'],
    deadline,
  })
  if (asked.outcome !== 'answered') return null
  const result = asRecord(asked.rpc?.result)
  if (result === null) return null
  return {result: 'ok', server: identityOf(result, DISCOVER_ERA)}
}

/** `initialized`, the standing GET of a client, and the DELETE that ends the session. Null when all is well. */
async function finish(given: {
  context: ExchangeContext
  session: readonly string[]
  deadline: number
  timeout: number
}): Promise<HandshakeResult | null> {
  const {context, session, deadline, timeout} = given
  const {target} = context
  const message = {jsonrpc: '2.0', method: 'notifications/initialized'}
  const accepted = await ask(context, {message, headers: session, deadline})
  const closeBy = (): number => Math.min(deadline, target.clock.now() + CLOSING_MS)
  if (accepted.outcome === 'answered') {
    const headers = target.plainHeaders('discovery', session, [['Accept', 'text/event-stream']])
    await target.head({method: 'GET', path: target.path, headers}, closeBy())
  }
  const headers = target.plainHeaders('discovery', session)
  await target.head({method: 'DELETE', path: target.path, headers}, closeBy())
  target.cookies.scope(session).end()
  if (accepted.outcome === 'timeout') return late(timeout)
  return accepted.outcome === 'failed' ? {result: 'failed', ...whatFailed('notifications/initialized', accepted)} : null
}

const initialize = (clientInfo: ClientIdentity): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {protocolVersion: SESSION_ERA, capabilities: {}, clientInfo},
})

/** A server of the newer era refuses the method or the version, as a JSON-RPC error or as a bare 4xx. */
function wantsDiscovery(opening: Asked): boolean {
  if (opening.outcome === 'answered') return true
  if (opening.outcome !== 'failed') return false
  const {status, upstreamResponded} = opening.failure
  return upstreamResponded && status < 500 && status !== 403
}

function whatFailed(method: string, asked: Asked): {message: string; failure: FailureClass} {
  if (asked.outcome === 'failed') {
    const {failure, status, upstreamResponded} = asked.failure
    // A handshake has no session yet that could be unknown: it is the path that is.
    const isPath = method === 'initialize' && upstreamResponded && (status === 404 || status === 405)
    return {message: refusal(method, asked.failure), failure: isPath ? 'mcp_path' : failure}
  }
  const error = asked.outcome === 'answered' ? asRecord(asked.rpc?.error) : null
  const said = asText(error?.message).replaceAll(/\s+/g, ' ').slice(0, 200)
  return {message: `calling "${method}": ${said || 'no result'}`, failure: 'mcp_status'}
}

function refusal(method: string, failure: ChannelFailure): string {
  const {upstreamResponded, status, message} = failure
  return `calling "${method}": sending "${method}": ${upstreamResponded ? (STATUS_CODES[status] ?? `status ${status}`) : message}`
}

const late = (timeout: number): HandshakeResult => ({
  result: 'timeout',
  message: `no answer to the handshake within ${timeout / 1000}s`,
})
