// The headers of every request to the service: who we are, what the operator adds, and what neither may override.

import type {Logger} from '../../foundation/platform/index.ts'
import {canonicalHeader} from '../../foundation/wire/index.ts'
import type {ControlPlaneOptions} from './types.ts'

const CLIENT_NAME = 'tunnel-client-ts'

/** Headers that decide how the message is framed or routed; an extra header must not touch them either. */
const FRAMING = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
]

/** Gives the headers of one request: name, value, …, in the reference's order. */
export type RequestHeaders = (specific?: readonly string[]) => string[]

/** What of the client's options decides the headers. */
export type HeaderOptions = Pick<
  ControlPlaneOptions,
  'apiKey' | 'extraHeaders' | 'organizationId' | 'version' | 'instanceId' | 'serverInfo'
>

/** Who asks, and with which key: on every request to the service, also on those of administrators. */
export function identityHeaders(options: Pick<HeaderOptions, 'apiKey' | 'version' | 'instanceId'>): string[] {
  return [
    ...['Authorization', `Bearer ${options.apiKey.reveal()}`],
    ...['Accept', 'application/json'],
    ...['User-Agent', `${CLIENT_NAME}/${options.version}`],
    ...['X-Tunnel-Client-Name', CLIENT_NAME],
    ...['X-Tunnel-Client-Version', options.version],
    ...['X-Tunnel-Client-Instance-Id', options.instanceId],
  ]
}

/**
 * Prepares the headers. Extra headers never replace ours, but they replace what is specific to a request (content type,
 * shard token, client request id); the configured organization wins over an extra header. Collisions are logged once.
 */
export function createRequestHeaders(options: HeaderOptions, log: Logger): RequestHeaders {
  const own = [...identityHeaders(options), 'X-Tunnel-MCP-Server-Info', '']
  const serverInfoAt = own.length - 1
  const isProtected = new Set([...FRAMING, ...own.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())])
  const extra: string[] = []
  const replaced = new Set<string>()
  for (const {name, value} of options.extraHeaders) {
    const canonical = canonicalHeader(name)
    const lower = canonical.toLowerCase()
    if (isProtected.has(lower)) {
      log.warn('control-plane extra header cannot override protected header', {header: canonical})
      continue
    }
    if (lower === 'openai-organization' && options.organizationId !== null) continue
    extra.push(canonical, value.reveal())
    replaced.add(lower)
  }
  if (!replaced.has('accept-encoding')) own.push('Accept-Encoding', 'gzip')
  if (options.organizationId !== null) extra.push('OpenAI-Organization', options.organizationId)
  const warned = new Set<string>()
  return (specific = []) => {
    const headers = own.slice()
    headers[serverInfoAt] = options.serverInfo()
    for (let i = 0; i < specific.length; i += 2) {
      const name = specific[i]!
      if (replaced.size === 0 || !replaced.has(name.toLowerCase())) headers.push(name, specific[i + 1]!)
      else if (!warned.has(name)) {
        warned.add(name)
        log.warn('control-plane extra header overrides existing header', {header: name})
      }
    }
    headers.push(...extra)
    return headers
  }
}
