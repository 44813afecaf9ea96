// The tunnel service as runtimes need it: one client per key, and its tunnels in the reference's JSON.

import {TunnelError} from '../../../foundation/errors/index.ts'
import {learnUrlSecrets} from '../../../foundation/platform/index.ts'
import {
  createTunnelAdmin,
  type ManagedTunnel,
  type TunnelAdmin,
  TunnelRefusal,
} from '../../../tunnel/control-plane/index.ts'
import type {RuntimesContext} from '../context.ts'
import {readKey} from '../profile/key-reference.ts'
import type {AdminContext} from './admin-context.ts'

/** A tunnel with the reference's six members; lists may be null. */
export interface TunnelJson {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly organization_ids: readonly string[] | null
  readonly workspace_ids: readonly string[] | null
  readonly tenant_ids: readonly string[] | null
}

/** Converts it. */
export const tunnelJson = (tunnel: ManagedTunnel): TunnelJson => ({
  id: tunnel.id,
  name: tunnel.name,
  description: tunnel.description,
  organization_ids: tunnel.organization_ids ?? null,
  workspace_ids: tunnel.workspace_ids ?? null,
  tenant_ids: tunnel.tenant_ids ?? null,
})

/** Calls the service with the key behind a reference, for as long as `work` takes. */
export async function withTunnels<T>(
  options: {
    readonly context: RuntimesContext
    readonly admin: AdminContext
    readonly keyReference: string
    readonly timeoutMs?: number
  },
  work: (tunnels: TunnelAdmin) => Promise<T>,
): Promise<T> {
  const {context, admin, keyReference, timeoutMs} = options
  const key = await readKey(keyReference, context.env)
  const tunnels = createTunnelAdmin({
    baseUrl: serviceUrl(admin),
    urlPath: admin.urlPath,
    key,
    door: context.door,
    identity: context.identity,
    ...(timeoutMs === undefined ? {} : {timeoutMs}),
  })
  try {
    return await work(tunnels)
  } finally {
    await tunnels.close()
  }
}

/** True when the service said that there is no such tunnel; anything else proves nothing. */
export const isNotFound = (thrown: unknown): boolean => thrown instanceof TunnelRefusal && thrown.notFound

/** The address as a URL. @throws TunnelError `TC-CONFIG-BASE-URL` */
export function serviceUrl({baseUrl, name}: AdminContext): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url !== null) learnUrlSecrets(url)
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url
  throw new TunnelError(
    'TC-CONFIG-BASE-URL',
    `control plane base URL of admin profile ${name} is not an http or https URL`,
  )
}
