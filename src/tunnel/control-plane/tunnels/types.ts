// The contract of the management client: tunnels as administrators see them.

import type {HttpDoor, Secret} from '../../../foundation/platform/index.ts'

/** A tunnel; member names and order are the reference's JSON. What the service leaves empty is absent. */
export interface ManagedTunnel {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly creator?: string
  readonly tenant_ids?: readonly string[]
  readonly workspace_ids?: readonly string[]
  readonly organization_ids?: readonly string[]
  /** `X-Request-Id` of the answer. */
  readonly request_id?: string
}

/** The answer to a listing. The service decides the order; there are no pages. */
export interface ManagedTunnelList {
  /** Null when the service named none. */
  readonly tunnels: readonly ManagedTunnel[] | null
  readonly request_id?: string
}

/** A tunnel to create. Lists that are empty are not sent. */
export interface TunnelCreation {
  readonly name: string
  readonly description: string
  readonly organizationIds?: readonly string[]
  readonly workspaceIds?: readonly string[]
}

/** What changes; a list replaces the old one, and an empty one clears it. */
export type TunnelChange = Partial<TunnelCreation>

/** Whose tunnels to list. The service wants exactly one. */
export interface TunnelScope {
  readonly organizationId?: string
  readonly workspaceId?: string
  readonly tenantId?: string
}

/** What {@link createTunnelAdmin} needs. */
export interface TunnelAdminOptions {
  /** Only scheme, host and port count. */
  readonly baseUrl: URL
  /** Prefix of every path, empty or starting with `/`. */
  readonly urlPath: string
  /** An admin key; for `get` a runtime key will do. */
  readonly key: Secret
  readonly door: HttpDoor
  /** PEM certificates trusted in addition. */
  readonly extraCa?: readonly string[]
  /** See `createIdentity`. */
  readonly identity: {readonly version: string; readonly instanceId: string}
  /** For one request, all in all. Default 30 000 ms. */
  readonly timeoutMs?: number
}

/** May end a request early. */
export interface TunnelAdminCall {
  readonly signal?: AbortSignal
}

/**
 * The management API of one tunnel service. One request each, never repeated. Every method rejects with a TunnelError:
 * {@link TunnelRefusal} when the service answered with another status than 2xx, else `TC-ADMIN-NO-ANSWER`,
 * `TC-ADMIN-ANSWER` or `TC-CLI-USAGE`.
 */
export interface TunnelAdmin {
  create(tunnel: TunnelCreation, call?: TunnelAdminCall): Promise<ManagedTunnel>
  get(tunnelId: string, call?: TunnelAdminCall): Promise<ManagedTunnel>
  list(scope: TunnelScope, call?: TunnelAdminCall): Promise<ManagedTunnelList>
  update(tunnelId: string, change: TunnelChange, call?: TunnelAdminCall): Promise<ManagedTunnel>
  delete(tunnelId: string, call?: TunnelAdminCall): Promise<ManagedTunnel>
  /** Closes the connections. */
  close(): Promise<void>
}
