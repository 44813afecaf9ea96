// The client alone, without undici's fetch, WebSocket, caches and agents: half the load time and 8 MiB less memory.
declare module 'undici/lib/dispatcher/client.js' {
  import type {Client as UndiciClient} from 'undici'

  const Client: typeof UndiciClient
  export = Client
}

// Where undici keeps the parser of a connection.
declare module 'undici/lib/core/symbols.js' {
  const symbols: {readonly kParser: symbol}
  export = symbols
}
