// The contract between daemons and tunnel services, as schemas of what each of them may say. What our service adds for our
// daemon is named here member by member: nothing else may appear.

import {z} from 'zod'
import type {Exchange} from './recording-proxy.ts'

const headerLists = z.record(z.string(), z.array(z.string()))
const common = {
  request_id: z.string().min(1),
  shard_token: z.string().min(1),
  channel: z
    .string()
    .regex(/^[a-z0-9_-]+$/)
    .optional(),
  created_at: z.iso.datetime({offset: true}),
  response_timeout: z
    .string()
    .regex(/^[0-9]+(?:ns|us|ms|s|m|h)$/)
    .nullable()
    .optional(),
  headers: headerLists.optional(),
}
const message = z.looseObject({jsonrpc: z.literal('2.0')})

/** The commands that every daemon is sent. `server_requests` is an addition that others ignore. */
const plainCommand = z.discriminatedUnion('command_type', [
  z.strictObject({
    ...common,
    command_type: z.literal('jsonrpc'),
    jsonrpc: message,
    server_requests: z.literal(true).optional(),
  }),
  z.strictObject({...common, command_type: z.literal('session_termination')}),
])

const tunnelFailure = z.discriminatedUnion('source', [
  z.strictObject({
    version: z.literal(1),
    source: z.literal('target_http'),
    upstream_response_received: z.literal(true),
    upstream_status: z.int().min(400).max(599),
    transport_error_kind: z.enum([
      'http_status',
      'invalid_mcp_error',
      'malformed_json',
      'response_body_missing',
      'response_body_too_large',
      'response_body_unreadable',
    ]),
  }),
  z.strictObject({
    version: z.literal(1),
    source: z.enum(['dns', 'tls', 'connect', 'transport_closed', 'timeout', 'protocol', 'client_internal']),
    upstream_response_received: z.literal(false),
    transport_error_kind: z.enum([
      ...([
        'closed_pipe',
        'connection_aborted',
        'connection_closed',
        'connection_refused',
        'connection_reset',
      ] as const),
      ...(['dial', 'dns', 'eof', 'host_unreachable', 'invalid_protocol_response', 'malformed_json'] as const),
      ...([
        'network_unreachable',
        'non_protocol_response',
        'response_body_missing',
        'response_body_too_large',
      ] as const),
      ...(['response_body_unreadable', 'timeout', 'tls', 'unexpected_eof', 'unknown'] as const),
    ]),
  }),
])
const madeHere = z.looseObject({
  error: z.looseObject({data: z.looseObject({tunnel_failure: tunnelFailure.optional()}).optional()}).optional(),
})

const payload = z.strictObject({
  request_id: z.string().min(1),
  channel: z.string().nullable().optional(),
  resp_json: z.intersection(message, madeHere).nullable().optional(),
  resp_headers: headerLists.optional(),
  resp_code: z.int().min(100).max(599),
  resp_type: z.enum(['jsonrpc_response', 'jsonrpc_notify', 'notify_ack', 'session_termination_response']),
})
const serverInfo = z.strictObject({
  version: z.literal(1),
  channels: z
    .array(z.strictObject({name: z.string().regex(/^[a-z0-9_-]+$/), proc_affinity: z.boolean().optional()}))
    .max(32),
})
const apiError = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
})
const metadata = z.looseObject({id: z.string(), name: z.string(), description: z.string()})

/** Statuses of each endpoint and the codes that a refusal may carry. `invalid_api_key` is the platform's, before the contract's. */
const STATUSES: Readonly<Record<Endpoint, Readonly<Record<number, readonly string[]>>>> = {
  metadata: {
    200: [],
    403: ['tunnel_active_organization_required', 'tunnel_use_forbidden'],
    429: ['rate_limit_exceeded'],
  },
  poll: {
    200: [],
    204: [],
    400: ['invalid_tunnel_id_format'],
    401: [
      'invalid_api_key',
      'tunnel_active_organization_required',
      'tunnel_missing_principals',
      'tunnel_use_forbidden',
    ],
    429: ['rate_limit_exceeded'],
    503: ['tunnel_transport_unavailable'],
  },
  response: {
    200: [],
    400: ['invalid_channel_format', 'invalid_tunnel_id_format'],
    401: [
      'invalid_api_key',
      'tunnel_active_organization_required',
      'tunnel_missing_principals',
      'tunnel_request_mismatch',
      'tunnel_use_forbidden',
    ],
    404: ['pending_request_not_found'],
    413: ['request_body_too_large'],
    429: ['rate_limit_exceeded'],
    503: [],
  },
}
/** Which answers a kind of command may get. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  jsonrpc: ['jsonrpc_response', 'jsonrpc_notify', 'notify_ack'],
  session_termination: ['session_termination_response'],
}

export type Endpoint = 'metadata' | 'poll' | 'response'

/** Which endpoint a request went to; throws when it is none. */
export function endpointOf({method, url}: Exchange): Endpoint {
  const [, rest] = /^\/v1\/tunnels\/tunnel_[a-z0-9]{32}(|\/poll|\/response)$/.exec(url.pathname) ?? []
  const endpoint = ({'': 'metadata', '/poll': 'poll', '/response': 'response'} as const)[rest ?? 'none']
  if (endpoint === undefined || method !== (endpoint === 'response' ? 'POST' : 'GET')) {
    throw new Error(`no endpoint of the contract: ${method} ${url.pathname}`)
  }
  return endpoint
}

/** What a run of traffic amounted to. */
export interface Traffic {
  readonly commands: number
  /** Kinds of answers the daemon posted, with how often. */
  readonly answers: Readonly<Record<string, number>>
}

/** Checks everything that crossed, in order; throws at the first thing that the contract does not know. */
export function checkTraffic(exchanges: readonly Exchange[], key: string): Traffic {
  const commands = new Map<string, z.infer<typeof plainCommand>>()
  const ended = new Map<string, number>()
  const answers: Record<string, number> = {}
  for (const exchange of exchanges) {
    const endpoint = endpointOf(exchange)
    checkRequest(exchange, key)
    if (endpoint === 'poll') {
      for (const command of readPoll(exchange)) {
        if (commands.has(command.request_id)) throw new Error(`handed out twice: ${command.request_id}`)
        commands.set(command.request_id, command)
      }
    } else if (endpoint === 'response') {
      const said = payload.parse(JSON.parse(exchange.body.toString()))
      const command = commands.get(said.request_id)
      if (command === undefined) throw new Error(`an answer to no command: ${said.request_id}`)
      expectEqual(one(exchange, 'x-tunnel-shard-token'), command.shard_token)
      expectEqual(one(exchange, 'content-type'), 'application/json')
      expectEqual(said.channel ?? 'main', command.channel ?? 'main')
      if (!ANSWERS[command.command_type]!.includes(said.resp_type)) throw new Error(`${said.resp_type} is no answer`)
      answers[said.resp_type] = (answers[said.resp_type] ?? 0) + 1
      if (said.resp_type !== 'jsonrpc_notify' && exchange.answer?.status === 200) {
        ended.set(said.request_id, (ended.get(said.request_id) ?? 0) + 1)
      }
    }
    if (exchange.answer !== null) checkAnswer(exchange, endpoint)
  }
  for (const id of commands.keys()) expectEqual(ended.get(id), 1, `answers to ${id}`)
  return {commands: commands.size, answers}
}

/** Checks status, type and body of one answer of the service. */
export function checkAnswer({answer}: Exchange, endpoint: Endpoint): void {
  if (answer === null) throw new Error('no answer')
  const codes = STATUSES[endpoint][answer.status]
  const text = answer.body.toString()
  if (codes === undefined) throw new Error(`${endpoint} answered ${answer.status}: ${text}`)
  if (answer.status === 204) {
    expectEqual(text, '')
    return
  }
  expectEqual(answer.headers.get('content-type')?.[0]?.split(';')[0], 'application/json')
  const document: unknown = JSON.parse(text)
  if (answer.status >= 400) {
    const {code} = apiError.parse(document).error
    if (code !== null && !codes.includes(code)) throw new Error(`${code} does not belong to ${answer.status}`)
  } else if (endpoint === 'response') z.strictObject({status: z.literal('ok')}).parse(document)
  else if (endpoint === 'metadata') metadata.parse(document)
}

function checkRequest(exchange: Exchange, key: string): void {
  for (const [name, values] of exchange.headers) expectEqual(values.length, 1, `fields of ${name}`)
  expectEqual(one(exchange, 'authorization'), `Bearer ${key}`)
  expectEqual(one(exchange, 'accept'), 'application/json')
  if (one(exchange, 'x-tunnel-client-name') === '') throw new Error('no client name')
  if (one(exchange, 'x-tunnel-client-version') === '') throw new Error('no client version')
  if (!/^[0-9a-f]{32}$/.test(one(exchange, 'x-tunnel-client-instance-id'))) throw new Error('no instance id')
  const info = one(exchange, 'x-tunnel-mcp-server-info')
  if (Buffer.byteLength(info) > 4096) throw new Error('too long for a header')
  serverInfo.parse(JSON.parse(info))
}

function readPoll({url, answer}: Exchange): z.infer<typeof plainCommand>[] {
  const [limit, timeout] = [Number(url.searchParams.get('limit')), Number(url.searchParams.get('timeout_ms'))]
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 25)) throw new Error(`limit ${limit}`)
  if (!(Number.isInteger(timeout) && timeout >= 1)) throw new Error(`timeout_ms ${timeout}`)
  if (!/^\?limit=\d+&timeout_ms=\d+(&only=urgent)?$/.test(url.search)) throw new Error(`query ${url.search}`)
  if (answer?.status !== 200) return []
  const {commands} = z.strictObject({commands: z.array(plainCommand)}).parse(JSON.parse(answer.body.toString()))
  if (commands.length > limit) throw new Error(`${commands.length} commands, ${limit} asked for`)
  return commands
}

const one = ({headers}: Exchange, name: string): string => headers.get(name)?.[0] ?? ''

function expectEqual(got: unknown, wanted: unknown, what = ''): void {
  if (got !== wanted) throw new Error(`${what} ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`)
}
