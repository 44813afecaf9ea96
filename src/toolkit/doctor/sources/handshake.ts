// A real client's handshake with an MCP server, through the daemon's own channel: initialize or server/discover, then the
// tools. No tool is called, and everything that was opened is closed again.

import type {FailureClass} from '../../../foundation/errors/index.ts'
import {type Instant, type RawHeaders, systemClock} from '../../../foundation/platform/index.ts'
import {headerOf, readRpcMessage} from '../../../foundation/wire/index.ts'
import type {Channel, ChannelFailure, UpstreamHead} from '../../../tunnel/channels/index.ts'
import type {PathTrace} from './path-trace.ts'

/** What an MCP server answered. */
export interface Handshake {
  readonly outcome: HandshakeOutcome
  /** Null for servers that are not reached over HTTP. */
  readonly path: PathTrace | null
  readonly ms: number
  /** Of a child: what else it did. */
  readonly child: ChildTraces
  /** Where nothing was at the configured path: one of the same server at which MCP answers; else null. */
  readonly elsewhere: string | null
}

/** What a child process left behind besides its answers. */
export interface ChildTraces {
  /** Its last lines on stderr. */
  readonly stderr: readonly string[]
  /** The first text on stdout that was no JSON-RPC message. */
  readonly garbage: string | null
  /** How it ended, in the words of the channel (`exited with code 3`, `ended by SIGKILL`); null while it ran. */
  readonly end: string | null
}

/** How it ended. */
export type HandshakeOutcome =
  | {
      readonly kind: 'ok'
      readonly server: string
      readonly protocolVersion: string
      /** Null: the server does not offer tools. */
      readonly tools: number | null
      /** HTTP status of the first answer; 0 where there is none. */
      readonly status: number
    }
  | {readonly kind: 'auth'; readonly status: number; readonly message: string}
  | {readonly kind: 'failed'; readonly failure: FailureClass; readonly status: number; readonly message: string}
  | {readonly kind: 'timeout'; readonly step: string}

const SESSION_ERA = '2025-11-25'
const DISCOVER_ERA = '2026-07-28'
const META = 'io.modelcontextprotocol/'
const CLOSING_MS = 500

/** What {@link shakeHands} needs. */
export interface HandshakeOptions {
  /** Started already. */
  readonly channel: Channel
  readonly client: {readonly name: string; readonly version: string}
  /** Monotonic instant. */
  readonly deadline: Instant
}

/** Goes through the handshake. Never rejects. */
export async function shakeHands(options: HandshakeOptions): Promise<HandshakeOutcome> {
  const {channel, client, deadline} = options
  const opening = await ask(channel, {
    id: 'doctor-1',
    method: 'initialize',
    params: {protocolVersion: SESSION_ERA, capabilities: {}, clientInfo: client},
    headers: [],
    deadline,
  })
  if (opening.kind === 'timeout') return {kind: 'timeout', step: 'initialize'}
  const result = opening.kind === 'answered' ? record(opening.result) : null
  if (opening.kind === 'answered' && result !== null) return converse({...options, opening, result})
  if (opening.kind === 'failed' && opening.failure.status === 401) {
    return {kind: 'auth', status: 401, message: opening.failure.message}
  }
  const discovered = mayDiscover(opening) ? await discover(options) : null
  return discovered ?? refusalOf('initialize', opening)
}

interface Opened extends HandshakeOptions {
  readonly opening: Extract<Asked, {kind: 'answered'}>
  readonly result: Record<string, unknown>
}

async function converse({channel, deadline, opening, result}: Opened): Promise<HandshakeOutcome> {
  const protocolVersion = text(result.protocolVersion) || SESSION_ERA
  const sessionId = headerOf(opening.head.headers, 'mcp-session-id')
  const headers = ['Mcp-Protocol-Version', protocolVersion, ...(sessionId ? ['Mcp-Session-Id', sessionId] : [])]
  try {
    const initialized = await ask(channel, {id: null, method: 'notifications/initialized', headers, deadline})
    if (initialized.kind === 'timeout') return {kind: 'timeout', step: 'notifications/initialized'}
    if (initialized.kind === 'failed') return refusalOf('notifications/initialized', initialized)
    const known = {server: nameOf(record(result.serverInfo)), protocolVersion, status: opening.head.status}
    if (record(result.capabilities)?.tools === undefined) return {kind: 'ok', ...known, tools: null}
    return await countTools({channel, deadline, headers, known})
  } finally {
    if (sessionId) await channel.terminateSession(headers, systemClock.now() + CLOSING_MS).catch(() => null)
  }
}

async function discover({channel, client, deadline}: HandshakeOptions): Promise<HandshakeOutcome | null> {
  const _meta = {
    [`${META}protocolVersion`]: DISCOVER_ERA,
    [`${META}clientInfo`]: client,
    [`${META}clientCapabilities`]: {},
  }
  const version = ['Mcp-Protocol-Version', DISCOVER_ERA]
  const asked = await ask(channel, {
    id: 'doctor-2',
    method: 'server/discover',
    params: {_meta},
    headers: [...version, 'Mcp-Method', 'server/discover'],
    deadline,
  })
  const result = asked.kind === 'answered' ? record(asked.result) : null
  if (asked.kind !== 'answered' || result === null) return null
  const info = record(record(result._meta)?.[`${META}serverInfo`]) ?? record(result.serverInfo)
  const known = {server: nameOf(info), protocolVersion: DISCOVER_ERA, status: asked.head.status}
  if (record(result.capabilities)?.tools === undefined) return {kind: 'ok', ...known, tools: null}
  return countTools({channel, deadline, headers: [...version, 'Mcp-Method', 'tools/list'], known, params: {_meta}})
}

async function countTools(given: {
  channel: Channel
  deadline: Instant
  headers: RawHeaders
  known: {server: string; protocolVersion: string; status: number}
  params?: object
}): Promise<HandshakeOutcome> {
  const {channel, deadline, headers, known, params} = given
  const asked = await ask(channel, {id: 'doctor-3', method: 'tools/list', params, headers, deadline})
  if (asked.kind === 'timeout') return {kind: 'timeout', step: 'tools/list'}
  const tools = asked.kind === 'answered' ? record(asked.result)?.tools : undefined
  return Array.isArray(tools) ? {kind: 'ok', ...known, tools: tools.length} : refusalOf('tools/list', asked)
}

interface Question {
  /** Null: a notification. */
  readonly id: string | null
  readonly method: string
  readonly params?: object | undefined
  readonly headers: RawHeaders
  readonly deadline: Instant
}

type Asked =
  | {readonly kind: 'answered'; readonly result: unknown; readonly error: unknown; readonly head: UpstreamHead}
  | {readonly kind: 'failed'; readonly failure: ChannelFailure}
  | {readonly kind: 'timeout'}

/** One message, one end: an answer, a failure, or the deadline, which our own timer keeps. */
function ask(channel: Channel, {id, method, params, headers, deadline}: Question): Promise<Asked> {
  return new Promise((resolve) => {
    const message = {jsonrpc: '2.0', ...(id === null ? {} : {id}), method, ...(params === undefined ? {} : {params})}
    let cancel = (): void => {}
    const timer = setTimeout(
      () => {
        cancel()
        resolve({kind: 'timeout'})
      },
      Math.max(0, deadline - systemClock.now()),
    )
    const settle = (asked: Asked): void => {
      clearTimeout(timer)
      resolve(asked)
    }
    const handle = channel.send(
      {
        requestId: `doctor:${method}`,
        message: readRpcMessage(Buffer.from(JSON.stringify(message))),
        headers,
        deadline,
      },
      {
        onNotification: () => {},
        onResponse: (raw, head) => settle({kind: 'answered', ...parsed(raw), head}),
        onAccepted: (head) => settle({kind: 'answered', result: null, error: null, head}),
        onFailure: (failure) => settle({kind: 'failed', failure}),
      },
    )
    cancel = () => handle.cancel('deadline')
  })
}

/** A server of the newer era refuses the method or the version, as a JSON-RPC error or as a bare 4xx. */
function mayDiscover(opening: Asked): boolean {
  if (opening.kind === 'answered') return true
  if (opening.kind !== 'failed') return false
  const {status, upstreamResponded} = opening.failure
  return upstreamResponded && status < 500 && status !== 403
}

function refusalOf(method: string, asked: Asked): HandshakeOutcome {
  if (asked.kind === 'timeout') return {kind: 'timeout', step: method}
  if (asked.kind === 'failed') {
    const {failure, status, message, upstreamResponded} = asked.failure
    return {kind: 'failed', failure, status: upstreamResponded ? status : 0, message: `${method}: ${message}`}
  }
  const said = text(record(asked.error)?.message).replaceAll(/\s+/g, ' ').slice(0, 200)
  const message = `${method}: ${said === '' ? 'the answer has no result' : said}`
  return {kind: 'failed', failure: 'mcp_not_json', status: asked.head.status, message}
}

function parsed(raw: Buffer): {result: unknown; error: unknown} {
  try {
    const {result, error} = JSON.parse(raw.toString('utf8')) as {result?: unknown; error?: unknown}
    return {result, error}
  } catch {
    return {result: undefined, error: undefined}
  }
}

const nameOf = (info: Record<string, unknown> | null): string =>
  [text(info?.name) || 'a server without a name', text(info?.version)].filter((part) => part !== '').join(' ')

const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
