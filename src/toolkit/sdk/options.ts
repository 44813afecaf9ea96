// What an embedded client and an embedded service are told. Public types: they import nothing, so that a program that uses
// this package needs the types of nobody else.

/** A secret, or where it comes from: a function is called at every start, so that a key may be read late or be renewed. */
export type SecretText = string | (() => string | Promise<string>)

/**
 * A transport as the MCP SDKs know it (`Transport` of `@modelcontextprotocol/sdk` 1 and `@modelcontextprotocol/server` 2).
 * Connect a server to it as to any other.
 */
export interface ServerTransport {
  start(): Promise<void>
  send(message: unknown, options?: unknown): Promise<void>
  close(): Promise<void>
  onmessage?: ((message: unknown, extra?: unknown) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  /** Name of the MCP session; absent for callers without one. */
  readonly sessionId?: string
}

/** A server object of either MCP SDK: `McpServer` or `Server`. */
export interface McpServerLike {
  connect(transport: ServerTransport): Promise<void>
}

/** The MCP server behind a channel: in this process, at an address, or a program to run. */
export type McpTarget =
  | {
      /**
       * A function that makes a server: called once for every MCP session, and once at the start. Prefer it. Or one server
       * object, which all callers share over one connection.
       */
      readonly server: McpServerLike | (() => McpServerLike | Promise<McpServerLike>)
    }
  | {
      /** Called for every MCP session: connect whatever speaks MCP, for example `serveStdio(factory, {transport})`. */
      readonly connect: (transport: ServerTransport) => unknown
    }
  | {
      /** Streamable HTTP endpoint of a running server. */
      readonly url: string | URL
      /** Dial this socket in place of the host of the URL. */
      readonly unixSocket?: string | undefined
    }
  | {
      /** Program that speaks MCP on stdin and stdout. It is started and supervised; no shell is involved. */
      readonly command: string
      readonly args?: readonly string[] | undefined
    }

/** Receives log records. `console` is one. Values of secrets are taken out before. */
export type TunnelLogger = {
  readonly [Level in LogLevel]?: ((message: string, attributes: Record<string, unknown>) => void) | undefined
}

/** Levels of a {@link TunnelLogger}, least important first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Everything that a client can be told. Times are milliseconds. */
export interface TunnelClientSettings {
  /** The tunnel to serve: `tunnel_` and 32 lower-case letters or digits. */
  readonly tunnelId?: string | undefined
  /** Runtime key of the tunnel, with the scopes Tunnels Read and Use. */
  readonly apiKey?: SecretText | undefined
  /** The MCP server of the channel `main`. */
  readonly mcp?: McpTarget | undefined
  /** MCP servers of further channels, by name. */
  readonly channels?: Readonly<Record<string, McpTarget>> | undefined
  /** Address of the tunnel service. Default `https://api.openai.com`. */
  readonly baseUrl?: string | URL | undefined
  /** Path in front of the routes of the tunnel service. */
  readonly urlPath?: string | undefined
  /** Organization to name to the tunnel service. */
  readonly organizationId?: string | undefined
  /** Headers to add to requests to the tunnel service. */
  readonly headers?: Readonly<Record<string, SecretText>> | undefined
  /** Headers to add to requests to MCP servers with a URL. */
  readonly mcpHeaders?: Readonly<Record<string, SecretText>> | undefined
  /** Path of a PEM file with certificates to trust in addition. */
  readonly caBundle?: string | undefined
  /** Paths of a PEM client certificate for the tunnel service and of its key. */
  readonly clientCertificate?: {readonly cert: string; readonly key: string} | undefined
  /** Calls that may wait. Default 20. */
  readonly maxInFlight?: number | undefined
  /** Calls that may run at the same time, for each channel. Default 10. */
  readonly maxConcurrentRequests?: number | undefined
  /** How long one call may last. Default 600 000. */
  readonly callTimeout?: number | undefined
  /** How long the tunnel service may hold an empty poll. Default 30 000. */
  readonly pollTimeout?: number | undefined
  /** How long `close()` lets calls finish when it is told nothing. Default 25 000. */
  readonly drainTimeout?: number | undefined
  /**
   * Serves `/healthz`, `/readyz`, `/metrics` and the operator API. Default: no listener. `listen` is `host:port`, default
   * `127.0.0.1:0`; `urlFile` is written with the address.
   */
  readonly health?: {readonly listen?: string | undefined; readonly urlFile?: string | undefined} | undefined
  /**
   * An environment to read settings from, usually `process.env`: the variables of `tunnel-client run`, below whatever
   * stands here. Without it no variable is read.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Receives log records. Default: nothing is logged anywhere. */
  readonly logger?: TunnelLogger | undefined
  /** Least important level that the logger receives. Default `info`. */
  readonly logLevel?: LogLevel | undefined
  /** Closes the client when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** Settings of a client. `tunnelId`, `apiKey` and `mcp` are needed, unless `env` holds what is missing. */
export type TunnelClientOptions = TunnelClientSettings &
  (
    | {readonly tunnelId: string; readonly apiKey: SecretText; readonly mcp: McpTarget}
    | {readonly env: Readonly<Record<string, string | undefined>>}
  )

/** Where a service listens. */
export type ListenAddress =
  | {readonly host?: string | undefined; readonly port?: number | undefined}
  | {readonly unixSocket: string}

/** What a tunnel service can be told. Times are milliseconds. */
export interface TunnelServiceOptions {
  /** The tunnel that exists from the start. Default: the one of the state file, else a random id. */
  readonly tunnelId?: string | undefined
  /** Key for clients of the tunnel. Default: the one of the state file, else a random key. */
  readonly apiKey?: string | undefined
  /** Key for managing tunnels. Default: the one of the state file, else a random key. */
  readonly adminKey?: string | undefined
  /** Where tunnel clients come in. Default: a free port of 127.0.0.1. */
  readonly control?: ListenAddress | undefined
  /** Where MCP clients come in. Default: a free port of 127.0.0.1. Another host needs `ingressToken`. */
  readonly ingress?: ListenAddress | undefined
  /** Asked from MCP clients as the header `X-Tunnel-Ingress-Token`. */
  readonly ingressToken?: string | undefined
  /** How long an MCP client waits for its answer. Default 30 000; 0: for ever. */
  readonly responseTimeout?: number | undefined
  /** Tunnels and keys are kept in this file, so that a restart changes neither. */
  readonly stateFile?: string | undefined
  /** Receives log records. Default: nothing is logged anywhere. */
  readonly logger?: TunnelLogger | undefined
  /** Least important level that the logger receives. Default `info`. */
  readonly logLevel?: LogLevel | undefined
}
