// Peers that quote every header of a request back, in each way in which real ones do: the key in a 401, a configured header
// in the name of a tool. And the search for what they quoted.

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/** Values that must not come out anywhere. Each has a core that survives encodings. */
export class Canaries {
  readonly #cores = new Map<string, string>()

  /** A new value. `shape`: the value around the core. */
  make(name: string, shape: (core: string) => string = (core) => `cnry-${core}`): string {
    const core = `Q7f3A9b2C4d5E6g7H${this.#cores.size}z`
    this.#cores.set(core, name)
    return shape(core)
  }

  /** Names of the values whose beginning or whole can be read in a text: as it is, or in Base64, also percent-encoded. */
  in(text: string): string[] {
    const runs = text.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []
    const decoded = runs.flatMap((run) =>
      [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
    )
    const views = [
      text,
      text.replaceAll(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
      ...decoded,
    ]
    // The cores differ in their last two characters: a cut one counts for the first.
    const found = new Set<string>()
    for (const view of views) {
      for (const [core, name] of this.#cores) if (view.includes(core)) found.add(name)
      if (view.includes('Q7f3A9b2C4d5E') && found.size === 0) found.add('a part of one')
    }
    return [...found]
  }
}

/** Everything that a request carries, as one line of quotes. */
export function quotesOf({headers, url = ''}: IncomingMessage, skip: readonly string[] = []): string {
  const own =
    /^(?:host|connection|user-agent|x-tunnel-.*|mcp-.*|content-length|content-type|accept.*|transfer-encoding)$/
  const quoted = Object.entries(headers).flatMap(([name, header]) => {
    const value = String(header)
    if (own.test(name) || skip.includes(name)) return []
    const token = value.replace(/^\S+ /, '')
    return [
      `${name}: ${value}`,
      JSON.stringify({[name]: value}),
      JSON.stringify(JSON.stringify({value})),
      encodeURIComponent(value),
      new URLSearchParams({q: value}).toString(),
      Buffer.from(value).toString('base64'),
      Buffer.from(`${name}: ${value}`).toString('base64url'),
      Buffer.from(token, 'base64')
        .toString('latin1')
        .replaceAll(/[^ -~]/g, '?'),
      `bad token ${token}!`,
      `starts with ${token.slice(0, -3)}`,
    ]
  })
  return [`you asked for ${url}`, ...quoted].join(' ; ')
}

/** A running parrot. */
export interface Parrot {
  readonly url: string
  close(): Promise<void>
}

/**
 * Refuses every request with `status`, one without a key with 401, and quotes it in status line, headers and an error of the
 * service's form.
 */
export const refusingParrot = (status: number): Promise<Parrot> =>
  listen((request, response) => {
    const quotes = quotesOf(request)
    const flat = quotes.replaceAll(/[^ -~]/g, '?').slice(0, 3000)
    response.writeHead(request.headers.authorization === undefined ? 401 : status, `Refused ${flat.slice(0, 500)}`, {
      'content-type': 'application/json',
      'www-authenticate': `Bearer error="${flat.replaceAll('"', "'")}"`,
      'x-request-id': flat.slice(0, 400),
    })
    response.end(JSON.stringify({error: {code: flat.slice(0, 200), message: quotes, details: {quotes}}}))
  })

/** An MCP server that quotes requests in its introduction and its tools, and fails every call with a quote. */
export const speakingParrot = (): Promise<Parrot> =>
  listen((request, response, body) => {
    const quotes = quotesOf(request)
    const message = parsed(body)
    if (request.method !== 'POST') return response.writeHead(405, {'content-type': 'text/plain'}).end(quotes)
    if (message.id === undefined) return response.writeHead(202).end()
    if (message.method === 'tools/call')
      return response.writeHead(500, {'content-type': 'text/plain'}).end(`failed: ${quotes}`)
    const results: Record<string, unknown> = {
      initialize: {
        protocolVersion: '2025-06-18',
        capabilities: {tools: {}},
        serverInfo: {name: `parrot ${quotes}`, version: quotes},
        instructions: quotes,
      },
      'tools/list': {tools: [{name: quotes.slice(0, 600), description: quotes, inputSchema: {type: 'object'}}]},
    }
    const result = results[String(message.method)]
    const answer = result === undefined ? {error: {code: -32601, message: quotes}} : {result}
    response.writeHead(200, {'content-type': 'application/json', 'mcp-session-id': 'session-1'})
    return response.end(JSON.stringify({jsonrpc: '2.0', id: message.id, ...answer}))
  })

function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return {}
  }
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => unknown,
): Promise<Parrot> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => answer(request, response, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
