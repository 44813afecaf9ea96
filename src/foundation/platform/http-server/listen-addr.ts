// `host:port` as Go programs write it, for every flag that says where to listen.

/** An address to bind. An empty host means every address; port 0 a free one. */
export interface ListenAddr {
  readonly host: string
  readonly port: number
}

/** Reads `127.0.0.1:8080`, `[::1]:0` or `:8080`; null for anything else. */
export function parseListenAddr(text: string): ListenAddr | null {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) return null
  return {host: match[1] ?? match[2] ?? '', port}
}
