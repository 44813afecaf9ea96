// `runtimes list`: the aliases of this machine with their state, and on request the tunnels of a scope.

import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import type {TunnelScope} from '../../../tunnel/control-plane/index.ts'
import type {RuntimesContext} from '../context.ts'
import {lookAtAll, type RuntimeState} from '../local/look.ts'
import {type AdminContext, type AdminFlags, adminContext} from '../remote/admin-context.ts'
import {type TunnelJson, tunnelJson, withTunnels} from '../remote/remote-tunnels.ts'
import {remoteBudget, within} from '../remote/time-box.ts'
import {type AliasRecord, readRecords} from '../state/records.ts'
import {aliasView} from './process-view.ts'

/** What `list` takes. */
export interface ListOptions extends AdminFlags {
  readonly organizationIds?: readonly string[]
  readonly workspaceIds?: readonly string[]
  readonly tenantId?: string | undefined
  /** Also look at every runtime; without it only records are read. */
  readonly withState: boolean
  /** How long the service may take; null: what is left of a second. */
  readonly remoteTimeoutMs?: number | null
}

/** One alias: the reference's fourteen members, and its state. */
export interface ListedAlias {
  readonly alias: string
  readonly tunnel_id: string
  /** Absent when nobody looked. */
  readonly runtime_state: RuntimeState | undefined
  readonly [member: string]: unknown
}

/** A tunnel of the service, and the alias that serves it here (empty: none). */
export interface ListedTunnel extends TunnelJson {
  readonly local_alias: string
  readonly local_admin_profile: string
}

/** The reference's payload; `remote_error` when the service was asked and did not answer as it should. */
export interface RuntimeList {
  readonly aliases: readonly ListedAlias[]
  readonly admin_profile: string
  readonly admin_profile_path: string
  readonly state_root: string
  readonly remote_tunnels?: readonly ListedTunnel[]
  readonly remote_error?: string
}

/** Lists. @throws TunnelError `TC-RUNTIME-SCOPE` */
export async function listRuntimes(options: ListOptions, context: RuntimesContext): Promise<RuntimeList> {
  const scope = readScope(options)
  const [admin, {aliases: records}] = await Promise.all([adminContext(context, options), readRecords(context.root)])
  const [runtimes, remote] = await Promise.all([
    options.withState ? lookAtAll(context) : [],
    scope === null ? {} : remoteTunnels(scope, {admin, options, context, records: Object.values(records)}),
  ])
  const states = new Map(runtimes.map(({name, state}) => [name, state]))
  const aliases = Object.keys(records)
    .toSorted()
    .map((name) => ({...aliasView(records[name]!), runtime_state: states.get(name)}) as ListedAlias)
  return {
    aliases,
    admin_profile: admin.name,
    admin_profile_path: admin.path,
    state_root: context.root.path,
    ...remote,
  }
}

async function remoteTunnels(
  scope: TunnelScope,
  from: {admin: AdminContext; options: ListOptions; context: RuntimesContext; records: readonly AliasRecord[]},
): Promise<Pick<RuntimeList, 'remote_tunnels' | 'remote_error'>> {
  const {admin, options, context, records} = from
  const budgetMs = remoteBudget(options.remoteTimeoutMs ?? null)
  try {
    const answer = await within(budgetMs, (signal) =>
      withTunnels({context, admin, keyReference: admin.adminKey}, (tunnels) => tunnels.list(scope, {signal})),
    )
    if (answer === null) {
      const ms = Math.round(budgetMs)
      return {remote_error: `no answer from ${admin.baseUrl} within ${ms} ms; --remote-timeout grants more`}
    }
    return {remote_tunnels: (answer.value.tunnels ?? []).map((tunnel) => listed(tunnelJson(tunnel), records))}
  } catch (thrown) {
    return {remote_error: messageOf(thrown)}
  }
}

function listed(tunnel: TunnelJson, records: readonly AliasRecord[]): ListedTunnel {
  const record = records.find(({tunnel_id}) => tunnel_id === tunnel.id)
  return {...tunnel, local_alias: record?.alias ?? '', local_admin_profile: record?.admin_profile ?? ''}
}

function readScope({organizationIds = [], workspaceIds = [], tenantId = ''}: ListOptions): TunnelScope | null {
  const refuse = (message: string): TunnelError => new TunnelError('TC-RUNTIME-SCOPE', message)
  const families = [organizationIds.length > 0, workspaceIds.length > 0, tenantId !== ''].filter(Boolean).length
  if (families > 1) {
    throw refuse(
      'runtimes list accepts exactly one remote scope family: --organization-id, --workspace-id, or --tenant-id',
    )
  }
  if (organizationIds.length > 1) throw refuse('runtimes list accepts at most one --organization-id for remote listing')
  if (workspaceIds.length > 1) throw refuse('runtimes list accepts at most one --workspace-id for remote listing')
  const [organizationId] = organizationIds
  const [workspaceId] = workspaceIds
  if (organizationId !== undefined) return {organizationId}
  if (workspaceId !== undefined) return {workspaceId}
  return tenantId === '' ? null : {tenantId}
}
