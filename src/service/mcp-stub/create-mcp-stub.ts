// A demo MCP server over Streamable HTTP, built on the official SDK, so that a first tunnel has something real behind it.

import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {type AddressInfo, isIP} from 'node:net'
import {stubMetadata} from './metadata.ts'
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
}

const DEFAULT_LISTEN_ADDR = '127.0.0.1:0'
const STOP_GRACE_MS = 5000

/** Starts a stub. Rejects with the system's error when the address cannot be bound. */
export async function createMcpStub(options: McpStubOptions = {}): Promise<McpStub> {
  const {host, port} = splitListenAddr(options.listenAddr?.trim() || DEFAULT_LISTEN_ADDR)
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

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurHost(request.headers.host, request.socket.localAddress ?? '')) {
      return sendText(response, 403, 'This Host is not served here')
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (path === '/mcp') return serveMcp(request as Parameters<typeof serveMcp>[0], response)
    const document = stubMetadata(path, `http://${request.headers.host}`)
    if (document === null) return sendText(response, 404, '404 page not found')
    sendJson(response, document)
  }

  const server = createServer({headersTimeout: 5000}, (request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({port, host: host === '' ? undefined : host}, resolve)
  })
  const baseUrl = `http://${authority(server.address() as AddressInfo)}`

  let closing: Promise<void> | null = null
  const close = async (graceMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(cut)
    await handler.close()
  }
  return {
    baseUrl,
    mcpUrl: `${baseUrl}/mcp`,
    close: (graceMs = STOP_GRACE_MS) => {
      closing ??= close(graceMs)
      return closing
    },
  }
}

/** Splits Go's `host:port`; a host may be empty (every address) and an IPv6 one stands in brackets. */
function splitListenAddr(text: string): {host: string; port: number} {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) throw new Error(`listen address ${JSON.stringify(text)} is not host:port`)
  return {host: match[1] ?? match[2] ?? '', port}
}

const authority = (address: AddressInfo): string =>
  address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`

const isLoopback = (address: string): boolean =>
  isIP(address) !== 0 && (address === '::1' || /^(?:::ffff:)?127\./.test(address))

/** A page in a browser may rebind its own name to 127.0.0.1; then Host tells. Only loopback connections are asked. */
function isOurHost(host: string | undefined, localAddress: string): boolean {
  if (host === undefined || host === '') return false
  if (!isLoopback(localAddress)) return true
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return name === 'localhost' || isLoopback(name)
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, {'Content-Type': 'application/json'})
  response.end(`${JSON.stringify(body, null, 2)}\n`)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {'Content-Type': 'text/plain; charset=utf-8'})
  response.end(`${text}\n`)
}
