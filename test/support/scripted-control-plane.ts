// A control plane that does what a test tells it, over real HTTP on loopback. It hands out commands as raw JSON text, holds
// polls, and records every request with its bytes. It knows no rules of its own: those are what the tests are about.

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/** A request as it came in. */
export interface RecordedRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  /** Name, value, … as sent. */
  readonly rawHeaders: readonly string[]
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly at: number
}

/** A recorded answer of the client. */
export interface RecordedResponse extends RecordedRequest {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it freely
  readonly json: any
}

/** Answers a request instead of the default; return false to leave it to the default. */
export type Script = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean | undefined

/** The running double. */
export interface ScriptedControlPlane {
  readonly origin: URL
  readonly polls: RecordedRequest[]
  readonly responses: RecordedResponse[]
  readonly metadataRequests: RecordedRequest[]
  /** Polls that are being held right now. */
  readonly heldPolls: number
  /** Replaces what happens; undefined restores the default. */
  onPoll: Script | undefined
  onResponse: Script | undefined
  onMetadata: Script | undefined
  /** True: 102 as soon as a poll is held. */
  interim: boolean
  /** Hands out commands with the next poll (or one that is held). Text is used as it is. */
  enqueue(...commands: readonly (string | object)[]): void
  /** The terminal answer to a request id, as soon as it is here. */
  terminal(requestId: string): Promise<RecordedResponse>
  /** Resolves when the condition holds; looked at after every request. */
  until(what: string, condition: () => boolean): Promise<void>
  /** Drops every connection. */
  cut(): void
  close(): Promise<void>
}

/** How long {@link ScriptedControlPlane.until} waits at most: only a broken test gets there. */
const PATIENCE_MS = 45_000

/** Starts one on a free port. `port`: the one of an earlier double. */
export async function scriptedControlPlane(
  options: {readonly tunnelId?: string; readonly port?: number} = {},
): Promise<ScriptedControlPlane> {
  const {tunnelId = 'tunnel_test', port = 0} = options
  const base = `/v1/tunnels/${tunnelId}`
  const queue: string[] = []
  const held = new Set<{response: ServerResponse; limit: number; timer: NodeJS.Timeout}>()
  const watchers = new Set<() => void>()
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher()
  }
  const release = (): void => {
    for (const poll of [...held]) {
      if (queue.length === 0) return
      held.delete(poll)
      clearTimeout(poll.timer)
      const commands = queue.splice(0, poll.limit)
      poll.response.setHeader('content-type', 'application/json')
      poll.response.end(`{"commands":[${commands.join(',')}]}`)
    }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const path = request.url!
      const record = {
        method: request.method!,
        path,
        rawHeaders: request.rawHeaders,
        headers: request.headers,
        body,
        at: performance.now(),
      }
      if (request.method === 'GET' && path.startsWith(`${base}/poll?`)) {
        plane.polls.push(record)
        if (plane.onPoll?.(request, response, body) !== true) hold(path, response)
      } else if (request.method === 'POST' && path === `${base}/response`) {
        plane.responses.push({...record, json: parse(body)})
        if (plane.onResponse?.(request, response, body) !== true) {
          response.setHeader('content-type', 'application/json')
          response.end('{"status":"ok"}')
        }
      } else if (request.method === 'GET' && path === base) {
        plane.metadataRequests.push(record)
        if (plane.onMetadata?.(request, response, body) !== true) {
          response.setHeader('content-type', 'application/json')
          response.end(JSON.stringify({id: tunnelId, name: 'test', description: 'a tunnel for tests'}))
        }
      } else {
        response.statusCode = 404
        response.end('404 page not found\n')
      }
      notify()
    })
  })
  const hold = (path: string, response: ServerResponse): void => {
    const query = new URL(path, 'http://x').searchParams
    const timer = setTimeout(
      () => {
        held.delete(poll)
        response.statusCode = 204
        response.end()
      },
      Math.min(Number(query.get('timeout_ms')), 60_000),
    )
    const poll = {response, limit: Number(query.get('limit')), timer}
    held.add(poll)
    response.on('close', () => {
      clearTimeout(timer)
      held.delete(poll)
      notify()
    })
    if (plane.interim) response.writeProcessing()
    release()
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const plane: ScriptedControlPlane = {
    origin: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    polls: [],
    responses: [],
    metadataRequests: [],
    get heldPolls() {
      return held.size
    },
    onPoll: undefined,
    onResponse: undefined,
    onMetadata: undefined,
    interim: true,
    enqueue(...commands) {
      queue.push(...commands.map((command) => (typeof command === 'string' ? command : JSON.stringify(command))))
      release()
    },
    async terminal(requestId) {
      const find = () =>
        plane.responses.find(({json}) => json?.request_id === requestId && json.resp_type !== 'jsonrpc_notify')
      await plane.until(`the answer to ${requestId}`, () => find() !== undefined)
      return find()!
    },
    until(what, condition) {
      if (condition()) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const watcher = (): void => {
          if (!condition()) return
          watchers.delete(watcher)
          clearTimeout(timer)
          clearInterval(look)
          resolve()
        }
        const look = setInterval(watcher, 5)
        const timer = setTimeout(() => {
          watchers.delete(watcher)
          clearInterval(look)
          reject(new Error(`waited in vain for ${what}`))
        }, PATIENCE_MS)
        watchers.add(watcher)
      })
    },
    cut() {
      server.closeAllConnections()
    },
    close() {
      for (const poll of held) clearTimeout(poll.timer)
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return plane
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}
