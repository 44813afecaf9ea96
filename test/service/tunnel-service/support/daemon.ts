// A daemon reduced to its HTTP calls: polls and posts exactly what a test wants, and shows exactly what came back.

import {Agent, request} from 'undici'
import type {TunnelService} from '../../../../src/service/tunnel-service/index.ts'
import {inTest, thisTest} from './exchange.ts'

/** A command as it came in a poll answer. */
export interface PolledCommand {
  request_id: string
  shard_token: string
  command_type: string
  channel: string
  created_at: string
  response_timeout?: string
  server_requests?: boolean
  answers?: string
  cancels?: string
  headers: Record<string, string[]>
  jsonrpc?: {id?: unknown; method?: string; params?: unknown}
}

export interface PollReply {
  status: number
  commands: PolledCommand[]
  text: string
  interims: number[]
  requestId: unknown
  /** `X-Tunnel-Service-Features`. */
  features: unknown
  /** `X-Tunnel-Service-Run`. */
  run: unknown
}

export interface PostReply {
  status: number
  json: {error?: {code: string; param: string | null; message: string}; status?: string}
}

/** A fake daemon. */
export class Daemon {
  readonly agent = new Agent({connections: 64, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 60_000})
  readonly service: TunnelService
  readonly instanceId: string | null
  readonly key: string
  /** `X-Tunnel-Client-Features` of its polls. */
  features: string | undefined
  /** `X-Tunnel-Poll` of its next polls. */
  receipt: string | undefined
  readonly #test = thisTest()

  constructor(
    service: TunnelService,
    options: {instanceId?: string | null; key?: string; features?: string | undefined} = {},
  ) {
    this.service = service
    this.features = options.features
    this.instanceId = options.instanceId === undefined ? 'a'.repeat(32) : options.instanceId
    this.key = options.key ?? service.runtimeKey.reveal()
  }

  headers(): Record<string, string> {
    return {
      authorization: `Bearer ${this.key}`,
      ...(this.instanceId === null ? {} : {'x-tunnel-client-instance-id': this.instanceId}),
    }
  }

  poll(query = 'limit=20&timeout_ms=20000', signal?: AbortSignal): Promise<PollReply> {
    return inTest(this.#poll(query, signal), this.#test)
  }

  async #poll(query: string, signal: AbortSignal | undefined): Promise<PollReply> {
    const interims: number[] = []
    const reply = await request(
      `${this.service.controlPlaneBaseUrl}/v1/tunnels/${this.service.tunnelId}/poll?${query}`,
      {
        dispatcher: this.agent,
        headers: {
          ...this.headers(),
          ...(this.features === undefined ? {} : {'x-tunnel-client-features': this.features}),
          ...(this.receipt === undefined ? {} : {'x-tunnel-poll': this.receipt}),
        },
        onInfo: ({statusCode}) => interims.push(statusCode),
        ...(signal ? {signal} : {}),
      },
    )
    const text = await reply.body.text()
    const commands = reply.statusCode === 200 ? (JSON.parse(text) as {commands: PolledCommand[]}).commands : []
    return {
      status: reply.statusCode,
      commands,
      text,
      interims,
      requestId: reply.headers['x-request-id'],
      features: reply.headers['x-tunnel-service-features'],
      run: reply.headers['x-tunnel-service-run'],
    }
  }

  /** Polls until there is a command. */
  next(): Promise<PolledCommand> {
    return inTest(this.#next(), this.#test)
  }

  async #next(): Promise<PolledCommand> {
    for (;;) {
      const {status, commands} = await this.poll('limit=1&timeout_ms=20000')
      if (status !== 200 && status !== 204) throw new Error(`poll answered ${status}`)
      if (commands[0]) return commands[0]
    }
  }

  post(body: string | Buffer, headers: Record<string, string> = {}): Promise<PostReply> {
    return inTest(this.#post(body, headers), this.#test)
  }

  async #post(body: string | Buffer, headers: Record<string, string>): Promise<PostReply> {
    const reply = await request(`${this.service.controlPlaneBaseUrl}/v1/tunnels/${this.service.tunnelId}/response`, {
      dispatcher: this.agent,
      method: 'POST',
      headers: {...this.headers(), 'content-type': 'application/json', ...headers},
      body,
    })
    return {status: reply.statusCode, json: (await reply.body.json()) as never}
  }

  /** Posts for a command; members given replace the defaults of a plain answer. */
  async respond(command: PolledCommand, members: Record<string, unknown> = {}): Promise<number> {
    const payload = {
      request_id: command.request_id,
      channel: command.channel,
      resp_json: {jsonrpc: '2.0', id: command.jsonrpc?.id, result: {}},
      resp_headers: {'Content-Type': ['application/json']},
      resp_code: 200,
      resp_type: 'jsonrpc_response',
      ...members,
    }
    const {status} = await this.post(JSON.stringify(payload), {'x-tunnel-shard-token': command.shard_token})
    return status
  }

  /** Posts a notification. */
  notify(command: PolledCommand, params: unknown): Promise<number> {
    return this.respond(command, {
      resp_json: {jsonrpc: '2.0', method: 'notifications/progress', params},
      resp_headers: {'Content-Type': ['text/event-stream']},
      resp_type: 'jsonrpc_notify',
    })
  }

  /** Posts a request of the server to the caller, or anything else that goes into the stream; `json` as it is written. */
  ask(command: PolledCommand, json: string): Promise<{status: number; json: {error?: {code: string}}}> {
    const members =
      `"request_id":"${command.request_id}","channel":"${command.channel}","resp_json":${json},` +
      '"resp_headers":{"Content-Type":["text/event-stream"]},"resp_code":200,"resp_type":"jsonrpc_notify"'
    return this.post(`{${members}}`, {'x-tunnel-shard-token': command.shard_token})
  }

  /** Acknowledges a notification, an answer or a cancellation. */
  ack(command: PolledCommand, code = 202): Promise<number> {
    return this.respond(command, {resp_json: undefined, resp_code: code, resp_type: 'notify_ack'})
  }

  /** Drops every connection at once, as a killed process does. */
  async die(): Promise<void> {
    await this.agent.destroy()
  }
}
