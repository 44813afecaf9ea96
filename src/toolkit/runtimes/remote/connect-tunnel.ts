// The tunnel that `connect` uses: a given one, which no service has to confirm, or the one that the alias resolves to.

import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import {isTunnelId} from '../../../foundation/platform/index.ts'
import type {RuntimesContext} from '../context.ts'
import type {AliasRecord} from '../state/records.ts'
import type {AdminContext} from './admin-context.ts'
import {isNotFound, type TunnelJson, tunnelJson, withTunnels} from './remote-tunnels.ts'
import {resolveTunnel, type TunnelWish} from './resolve-tunnel.ts'

/** How long the service may take to describe a tunnel that is used anyway, in milliseconds. */
const DESCRIBE_MS = 5000

/** The tunnel; `remoteError` is what the service said against it, empty when nothing. */
export async function tunnelFor(
  wish: TunnelWish,
  given: {
    readonly tunnelId?: string | undefined
    readonly keyReference: string
    readonly context: RuntimesContext
    readonly admin: AdminContext
    readonly previous: AliasRecord | undefined
  },
): Promise<{readonly tunnel: TunnelJson; readonly remoteError: string}> {
  const {keyReference, context, admin, previous} = given
  const tunnelId = given.tunnelId?.trim() ?? ''
  if (tunnelId !== '') {
    if (!isTunnelId(tunnelId)) {
      throw new TunnelError('TC-CONFIG-TUNNEL-ID-INVALID', `invalid tunnel id ${JSON.stringify(tunnelId)}`)
    }
    try {
      const tunnel = await withTunnels({context, admin, keyReference, timeoutMs: DESCRIBE_MS}, (tunnels) =>
        tunnels.get(tunnelId, {signal: context.signal}),
      )
      return {tunnel: {...tunnelJson(tunnel), id: tunnelId}, remoteError: ''}
    } catch (thrown) {
      context.signal.throwIfAborted()
      return {tunnel: providedTunnel(wish, tunnelId), remoteError: messageOf(thrown)}
    }
  }
  try {
    const {tunnel} = await resolveTunnel(wish, {context, admin, previous})
    return {tunnel, remoteError: ''}
  } catch (thrown) {
    if (previous === undefined || previous.tunnel_id === '' || !isNotFound(thrown)) throw thrown
    return {tunnel: recordedTunnel(previous), remoteError: messageOf(thrown)}
  }
}

const providedTunnel = ({alias, name, description, ...scope}: TunnelWish, id: string): TunnelJson => ({
  id,
  name: name?.trim() || alias,
  description: description?.trim() ?? '',
  organization_ids: scope.organizationIds,
  workspace_ids: scope.workspaceIds,
  tenant_ids: null,
})

const recordedTunnel = (record: AliasRecord): TunnelJson => ({
  id: record.tunnel_id,
  name: record.name || record.alias,
  description: record.description ?? '',
  organization_ids: record.organization_ids ?? null,
  workspace_ids: record.workspace_ids ?? null,
  tenant_ids: record.tenant_ids ?? null,
})
