// `runtimes status`: what is known of one alias. Reads only.

import {TunnelError} from '../../../foundation/errors/index.ts'
import type {RuntimesContext} from '../context.ts'
import {localDetails} from '../local/details.ts'
import {lookAtOne} from '../local/look.ts'
import {type AdminFlags, adminContext} from '../remote/admin-context.ts'
import {lookUpTunnel} from '../remote/read-only-lookup.ts'
import {remoteBudget} from '../remote/time-box.ts'
import {normalizeAlias} from '../state/alias-name.ts'
import {own, readRecords} from '../state/records.ts'
import {type StatusReport, statusReport} from './status-report.ts'

/** What `status` takes. */
export interface StatusOptions extends AdminFlags {
  readonly alias: string
  /** How long the service may take; null: what is left of a second. */
  readonly remoteTimeoutMs?: number | null
}

/** `gone`: the service has no such tunnel and nothing was ever started for the alias. */
export interface StatusResult {
  readonly report: StatusReport
  readonly gone: boolean
}

/** Looks. @throws TunnelError `TC-RUNTIME-ALIAS` for one that is not known. */
export async function runtimeStatus(options: StatusOptions, context: RuntimesContext): Promise<StatusResult> {
  const alias = normalizeAlias(options.alias)
  const records = await readRecords(context.root)
  const record = own(records.aliases, alias)
  if (record === undefined) throw unknownAlias(alias)
  const admin = await adminContext(context, options, record.admin_profile)
  const known = {name: alias, alias: record, process: own(records.processes, alias) ?? null}
  const budgetMs = remoteBudget(options.remoteTimeoutMs ?? null)
  const looking = lookAtOne(alias, context)
  const [runtime, local, remote] = await Promise.all([
    looking,
    looking.then((runtime) => localDetails(runtime, context)),
    lookUpTunnel(known, {context, admin, budgetMs}),
  ])
  const report = statusReport(runtime, {local, admin, remote})
  return {report, gone: remote.stale && runtime.process === null}
}

/** The reference's words. */
export const unknownAlias = (alias: string): TunnelError =>
  new TunnelError('TC-RUNTIME-ALIAS', `alias ${alias} is not known; run create or connect first`)
