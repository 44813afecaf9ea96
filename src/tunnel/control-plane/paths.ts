// Where the endpoints of one tunnel are. The reference escapes the id twice; gateways have been configured for that.

/** Where tunnels are managed, below the URL path. */
export const TUNNELS_ROUTE = '/v1/tunnels'

/** Request paths of one tunnel. */
export interface TunnelPaths {
  readonly metadata: string
  readonly poll: string
  readonly response: string
}

/** Paths below `urlPath` (empty, or a prefix; outer slashes do not matter). The base URL's own path never counts. */
export function tunnelPaths(urlPath: string, tunnelId: string): TunnelPaths {
  const id = escapeSegment(escapeSegment(tunnelId))
  const metadata = joinPath(urlPath, `${TUNNELS_ROUTE}/${id}`)
  return {metadata, poll: `${metadata}/poll`, response: `${metadata}/response`}
}

/** What a poll asks for. */
export interface PollQuery {
  readonly limit: number
  readonly timeoutMs: number
  /** Null: every channel. */
  readonly channels: readonly string[] | null
  /** Only what concerns calls under way; never sent to a service that has not offered it. */
  readonly urgent?: boolean
}

/** Query of a poll, keys in order: channel (once per name), limit, timeout_ms. */
export function pollQuery({limit, timeoutMs, channels, urgent = false}: PollQuery): string {
  const names = channels === null ? '' : channels.map((name) => `channel=${encodeURIComponent(name)}&`).join('')
  const only = urgent ? '&only=urgent' : ''
  return `?${names}limit=${limit}&timeout_ms=${Math.max(1, Math.round(timeoutMs))}${only}`
}

/** Joins and cleans as Go's `path.Join("/", …)` does: slashes collapse, dot segments resolve. */
export function joinPath(...parts: readonly string[]): string {
  const kept: string[] = []
  for (const segment of parts.join('/').split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/** Go's `url.PathEscape`. */
export function escapeSegment(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(24|26|2B|3D|3A|40)/g, (escaped) => decodeURIComponent(escaped))
}
