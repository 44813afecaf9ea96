// A demo MCP server over Streamable HTTP, built on the official SDK, so that a first tunnel has something real behind it.

import type {ServerResponse} from 'node:http'
import {TunnelError} from '../../foundation/errors/index.ts'
import {
  createHttpServer,
  type HttpHandler,
  type HttpRoute,
  isLoopbackAddress,
  isOwnLoopbackName,
  type ListenAddr,
  parseListenAddr,
} from '../../foundation/platform/index.ts'
import {METADATA_PATHS, stubMetadata} from './metadata.ts'
import {DEFAULT_STUB_NAME, DEFAULT_STUB_VERSION, stubServerFactory} from './tools.ts'

/** Where to listen and what to be called. */
export interface McpStubOptions {
  /** `host:port`, `[v6]:port` or `:port`. Default `127.0.0.1:0`. */
  readonly listenAddr?: string
  /** Default `mcp-stub`. */
  readonly serverName?: string
  /** Default `0.1.0`. */
  readonly serverVersion?: string
}

/** A running stub. */
export interface McpStub {
  /** `http://host:port`, without a trailing slash. */
  readonly baseUrl: string
  /** The Streamable HTTP endpoint. */
  readonly mcpUrl: string
  /** Lets open requests finish for at most `graceMs` (5000), then cuts them. Idempotent. */
  close(graceMs?: number): Promise<void>
  /** Serves until `signal` is aborted, then closes. */
  untilStopped(signal: AbortSignal): Promise<void>
}

const DEFAULT_LISTEN_ADDR = '127.0.0.1:0'
const STOP_GRACE_MS = 5000
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Starts a stub. Rejects with `TC-LISTEN` when the address cannot be used, `TC-CLI-USAGE` when it is none. */
export async function createMcpStub(options: McpStubOptions = {}): Promise<McpStub> {
  const listen = listenAddr(options.listenAddr?.trim() || DEFAULT_LISTEN_ADDR)
  const factory = await stubServerFactory({
    name: options.serverName?.trim() || DEFAULT_STUB_NAME,
    version: options.serverVersion?.trim() || DEFAULT_STUB_VERSION,
  })
  const [{createMcpHandler}, {toNodeHandler}] = await Promise.all([
    import('@modelcontextprotocol/server'),
    import('@modelcontextprotocol/node'),
  ])
  const handler = createMcpHandler(factory)
  const serveMcp = toNodeHandler(handler)

  const guarded =
    (serve: HttpHandler): HttpHandler =>
    (exchange) => {
      const {request, response} = exchange
      if (isOurHost(request.headers.host, request.socket.localAddress ?? '')) return serve(exchange)
      sendText(response, 403, 'This Host is not served here')
    }
  const mcp = guarded(({request, response}) => serveMcp(request as Parameters<typeof serveMcp>[0], response))
  const metadata = guarded(({request, response}) => {
    const path = new URL(request.url ?? '/', 'http://stub').pathname
    sendJson(response, stubMetadata(path, `http://${request.headers.host}`))
  })
  const server = await createHttpServer({
    listen,
    routes: [route('/mcp', mcp), ...METADATA_PATHS.map((path) => route(path, metadata))],
  })
  const baseUrl = server.address.kind === 'tcp' ? server.address.origin : ''

  const close = async (graceMs = STOP_GRACE_MS): Promise<void> => {
    await server.close(graceMs)
    await handler.close()
  }
  return {
    baseUrl,
    mcpUrl: `${baseUrl}/mcp`,
    close,
    untilStopped: async (signal) => {
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), {once: true})
      })
      await close()
    },
  }
}

/** The same answer to every method, as the reference does; the SDK refuses those that MCP does not know. */
const route = (path: string, handler: HttpHandler): HttpRoute => ({
  path,
  methods: Object.fromEntries(METHODS.map((method) => [method, handler])),
})

function listenAddr(text: string): ListenAddr {
  const parsed = parseListenAddr(text)
  if (parsed !== null) return parsed
  throw new TunnelError('TC-CLI-USAGE', `listen address ${JSON.stringify(text)} is not host:port`, {
    next: ['Write for example 127.0.0.1:3001'],
  })
}

/** A page in a browser may rebind its own name to 127.0.0.1; then Host tells. Only loopback connections are asked. */
function isOurHost(host: string | undefined, localAddress: string): boolean {
  if (host === undefined || host === '') return false
  return !isLoopbackAddress(localAddress) || isOwnLoopbackName(host)
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, {'Content-Type': 'application/json'})
  response.end(`${JSON.stringify(body, null, 2)}\n`)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {'Content-Type': 'text/plain; charset=utf-8'})
  response.end(`${text}\n`)
}
