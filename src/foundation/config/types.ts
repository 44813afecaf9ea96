// What everybody gets after loading: strings have become values, and every value can tell where it came from.

import type {LogLevel, Secret} from '../platform/index.ts'

/** A header to add to requests. The value is a secret: it may come from `env:` or `file:`. */
export interface ConfigHeader {
  /** Canonical spelling, for example `X-Team`. */
  readonly name: string
  readonly value: Secret
}

/** A PEM pair, read and matched at load time. */
export interface ClientCertificate {
  readonly certPath: string
  readonly keyPath: string
  readonly cert: string
  readonly key: Secret
}

/** An MCP server behind a channel. */
export type McpBinding =
  | {
      readonly kind: 'http'
      readonly channel: string
      readonly url: URL
      readonly unixSocket: string | null
      readonly clientCertificate: ClientCertificate | null
    }
  | {
      readonly kind: 'stdio'
      readonly channel: string
      /** As configured, without what looks like a credential: for people, never to be run. */
      readonly command: string
      readonly argv: readonly [string, ...string[]]
      /** It takes one call at a time. */
      readonly serial?: boolean
    }

/** Where the file part of the configuration comes from. */
export type ConfigSource =
  | {readonly kind: 'none'}
  | {readonly kind: 'config'; readonly path: string}
  | {readonly kind: 'profile'; readonly name: string; readonly path: string; readonly dir: string}
  | {readonly kind: 'profile-file'; readonly name: string; readonly path: string}

/** Where one value comes from. */
export type Origin =
  | {readonly layer: 'flag'; readonly name: string}
  | {readonly layer: 'env'; readonly name: string}
  | {readonly layer: 'file'; readonly path: string; readonly line: number}
  | {readonly layer: 'default'}

/** The whole configuration of a daemon. Durations are milliseconds. */
export interface TunnelConfig {
  readonly controlPlane: {
    /** Scheme, host and port only; the mTLS host switch has been applied. */
    readonly baseUrl: URL
    /** Empty, or starting with `/` and without a trailing one. */
    readonly urlPath: string
    readonly tunnelId: string
    readonly organizationId: string | null
    readonly apiKey: Secret
    readonly clientCertificate: ClientCertificate | null
    readonly maxInflight: number
    readonly pollTimeout: number
    readonly pollDeadlineGuardrail: number
    /** Sorted; null: every channel. */
    readonly pollChannels: readonly string[] | null
    readonly extraHeaders: readonly ConfigHeader[]
    /** Dial the control plane through this unix socket (embedding, and TUNNEL_INTEGRATION_TUNNEL_SERVICE_SOCKET_PATH). */
    readonly unixSocket: string | null
  }
  readonly mcp: {
    /** HTTP entries first, then stdio entries, each in configuration order. */
    readonly bindings: readonly McpBinding[]
    readonly startupWaitTimeout: number
    readonly connectionMaxTtl: number
    readonly maxConcurrentRequests: number
    readonly extraHeaders: readonly ConfigHeader[]
    readonly discoveryExtraHeaders: readonly ConfigHeader[]
  }
  readonly log: {
    readonly level: LogLevel
    /** `default` is the reference's plain format on stderr. */
    readonly format: 'default' | 'struct-text' | 'json'
    readonly file: string | null
  }
  readonly health: {
    /** `host:port` as configured. */
    readonly listenAddr: string
    readonly unixSocket: string | null
    readonly urlFile: string | null
    /** Other machines see in `/readyz` what this one sees. */
    readonly showDetails: boolean
  }
  readonly adminUi: {readonly allowRemote: boolean; readonly openBrowser: boolean; readonly logBufferEvents: number}
  readonly process: {readonly pidFile: string | null; readonly drainTimeout: number}
  readonly trust: {
    readonly caBundle: {readonly path: string; readonly pems: readonly string[]} | null
  }
  readonly source: ConfigSource
  /** Names of the variables that secrets were read from: they are taken out of the environment of children. */
  readonly secretVariables: readonly string[]
  /** Where a value came from, by its YAML path, for example `control_plane.poll_timeout`. */
  origin(key: string): Origin
}
