// `runtimes list`: the aliases of this machine with their state, and on request the tunnels of a scope.

import {messageOf, TunnelError} from '../../../foundation/errors/index.ts'
import type {TunnelScope} from '../../../tunnel/control-plane/index.ts'
import type {RuntimesContext} from '../context.ts'
import {type LocalRuntime, lookAtAll, type RuntimeState} from '../local/look.ts'
import {stateReason} from '../local/state-reason.ts'
import {type AdminContext, type AdminFlags, adminContext} from '../remote/admin-context.ts'
import {type TunnelJson, tunnelJson, withTunnels} from '../remote/remote-tunnels.ts'
import {within} from '../remote/time-box.ts'
import {type AliasRecord, readRecords} from '../state/records.ts'
import {aliasView} from './process-view.ts'

/** What `list` takes. */
export interface ListOptions extends AdminFlags {
  readonly organizationIds?: readonly string[]
  readonly workspaceIds?: readonly string[]
  readonly tenantId?: string | undefined
  /** Also look at every runtime; without it only records are read. */
  readonly withState: boolean
  /** How long the service may take; null: as long as the reference gives it. */
  readonly remoteTimeoutMs?: number | null
  /** Called with what this machine knows, while the service is still being asked. */
  readonly onLocal?: (list: RuntimeList, asking: {readonly baseUrl: string; readonly timeoutMs: number}) => void
}

/** The reference's time for a request to the service, in milliseconds. */
const REMOTE_MS = 30_000

/** One alias: the reference's fourteen members, and its state. */
export interface ListedAlias {
  readonly alias: string
  readonly tunnel_id: string
  /** Absent when nobody looked. */
  readonly runtime_state: RuntimeState | undefined
  /** Why it is in that state; empty when it is ready or was stopped. */
  readonly runtime_reason: string | undefined
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
  const timeoutMs = options.remoteTimeoutMs ?? REMOTE_MS
  const from = {admin, timeoutMs, context, records: Object.values(records)}
  const asking = scope === null ? null : remoteTunnels(scope, from)
  const runtimes = options.withState ? await lookAtAll(context) : []
  const seen = new Map(runtimes.map((runtime) => [runtime.name, runtime]))
  const aliases = Object.keys(records)
    .toSorted()
    .map((name) => listedAlias(records[name]!, seen.get(name)))
  const local = {aliases, admin_profile: admin.name, admin_profile_path: admin.path, state_root: context.root.path}
  if (asking === null) return local
  options.onLocal?.(local, {baseUrl: admin.baseUrl, timeoutMs})
  return {...local, ...(await asking)}
}

const listedAlias = (record: AliasRecord, runtime: LocalRuntime | undefined): ListedAlias =>
  ({
    ...aliasView(record),
    runtime_state: runtime?.state,
    runtime_reason: runtime && stateReason(runtime),
  }) as ListedAlias

async function remoteTunnels(
  scope: TunnelScope,
  from: {admin: AdminContext; timeoutMs: number; context: RuntimesContext; records: readonly AliasRecord[]},
): Promise<Pick<RuntimeList, 'remote_tunnels' | 'remote_error'>> {
  const {admin, timeoutMs, context, records} = from
  try {
    const answer = await within(timeoutMs, (signal) =>
      withTunnels({context, admin, keyReference: admin.adminKey}, (tunnels) => tunnels.list(scope, {signal})),
    )
    if (answer === null) {
      return {remote_error: `no answer from ${admin.baseUrl} within ${timeoutMs} ms; --remote-timeout grants more`}
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
