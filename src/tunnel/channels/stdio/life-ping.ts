// How a child is asked for life without changing it for its callers. Servers that speak both eras (the official SDK's
// serveStdio) decide by the first message which one holds from then on, and a bare `ping` would decide for `initialize`.

/**
 * A `ping` under a revision that nobody supports: servers of the 2026-07-28 era refuse it and stay undecided, older ones
 * do not look at `_meta` and answer. Any JSON-RPC answer is life.
 */
export const LIFE_PING = {
  method: 'ping',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': 'none',
      'io.modelcontextprotocol/clientInfo': {name: 'tunnel-client-ts', version: '0'},
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
} as const
