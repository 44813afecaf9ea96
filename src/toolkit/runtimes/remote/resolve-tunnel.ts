// The tunnel of an alias: the one it has, one of that name in the scope, or a new one.

import {TunnelError} from '../../../foundation/errors/index.ts'
import type {TunnelAdmin, TunnelScope} from '../../../tunnel/control-plane/index.ts'
import type {RuntimesContext} from '../context.ts'
import type {AliasRecord} from '../state/records.ts'
import {type AdminContext, adminContext} from './admin-context.ts'
import {isNotFound, type TunnelJson, tunnelJson, withTunnels} from './remote-tunnels.ts'

/** Whose tunnel, and how it is called. */
export interface TunnelWish {
  readonly alias: string
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly organizationIds: readonly string[]
  readonly workspaceIds: readonly string[]
}

/** The tunnel, how it was come by, and the id that turned out to be gone (null: none). */
export interface ResolvedTunnel {
  readonly tunnel: TunnelJson
  readonly how: 'kept' | 'found' | 'created'
  readonly staleId: string | null
}

/** Checks the scope flags. @throws TunnelError `TC-RUNTIME-SCOPE` */
export function checkScope(action: 'create' | 'connect', {organizationIds, workspaceIds}: TunnelWish): void {
  if (organizationIds.length > 0 && workspaceIds.length > 0) {
    throw scopeError(`runtimes ${action} accepts exactly one remote scope family: --organization-id or --workspace-id`)
  }
}

/**
 * Resolves it with the admin key.
 * @throws TunnelError what the service said, `TC-RUNTIME-KEY` without a key, `TC-RUNTIME-SCOPE` without a scope.
 */
export async function resolveTunnel(
  wish: TunnelWish,
  {context, admin, previous}: {context: RuntimesContext; admin: AdminContext; previous: AliasRecord | undefined},
): Promise<ResolvedTunnel> {
  const known = previous?.tunnel_id ?? ''
  let staleId: string | null = null
  if (known !== '') {
    const own = await adminContext(context, {}, previous?.admin_profile)
    try {
      const tunnel = await withTunnels({context, admin: own, keyReference: own.adminKey}, (tunnels) =>
        tunnels.get(known, {signal: context.signal}),
      )
      return {tunnel: tunnelJson(tunnel), how: 'kept', staleId}
    } catch (thrown) {
      if (!isNotFound(thrown)) throw thrown
      staleId = known
    }
  }
  const scope = scopeOf(wish)
  if (scope === null) {
    if (staleId !== null) {
      throw scopeError(
        `tunnel ${staleId} of ${wish.alias} is not found; a new one requires --organization-id or --workspace-id`,
      )
    }
    throw scopeError('creating a tunnel requires --organization-id or --workspace-id')
  }
  return await withTunnels({context, admin, keyReference: admin.adminKey}, async (tunnels) => {
    const found = await findByName(tunnels, {scope, name: wish.name?.trim() || wish.alias, signal: context.signal})
    if (found !== undefined) return {tunnel: tunnelJson(found), how: 'found', staleId}
    const created = await tunnels.create(
      {
        name: wish.name?.trim() || wish.alias,
        description: wish.description?.trim() || `MCP tunnel for ${wish.alias}`,
        organizationIds: wish.organizationIds,
        workspaceIds: wish.workspaceIds,
      },
      {signal: context.signal},
    )
    return {tunnel: tunnelJson(created), how: 'created', staleId}
  })
}

async function findByName(
  tunnels: TunnelAdmin,
  {scope, name, signal}: {scope: TunnelScope; name: string; signal: AbortSignal},
) {
  const {tunnels: all} = await tunnels.list(scope, {signal})
  return all?.find((tunnel) => tunnel.name === name)
}

function scopeOf({organizationIds: [organizationId], workspaceIds: [workspaceId]}: TunnelWish): TunnelScope | null {
  if (organizationId !== undefined) return {organizationId}
  return workspaceId === undefined ? null : {workspaceId}
}

const scopeError = (message: string): TunnelError => new TunnelError('TC-RUNTIME-SCOPE', message)
